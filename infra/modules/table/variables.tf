variable "name" {
  type        = string
  description = "Name of the table."
  nullable    = false
}

variable "point_in_time_recovery" {
  type        = bool
  description = "Whether the table can be restored to any second of the last 35 days."
  nullable    = false
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the table refuses to be deleted."
  nullable    = false
}
