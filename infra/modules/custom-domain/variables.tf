variable "domain_name" {
  type        = string
  description = "Name of the API in the DNS."
  nullable    = false
}

variable "api_id" {
  type        = string
  description = "API behind the name."
  nullable    = false
}

variable "stage" {
  type        = string
  description = "Stage behind the name."
  nullable    = false
}

variable "create_certificate" {
  type        = bool
  description = "Whether a certificate is asked of ACM, and proved by a record in the zone."
  nullable    = false
}

variable "certificate_arn" {
  type        = string
  description = "Certificate to use where none is made, in the API's region."
  nullable    = false
}

variable "create_record" {
  type        = bool
  description = "Whether the name is made to point to the API."
  nullable    = false
}

variable "zone_id" {
  type        = string
  description = "Hosted zone of Route 53 that gets the records."
  nullable    = false
}
