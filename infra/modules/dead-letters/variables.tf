variable "name" {
  type        = string
  description = "Name of the queue and of its alarm."
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the messages."
  nullable    = false
}

variable "rule_arns" {
  type        = list(string)
  description = "EventBridge rules that may leave events in the queue."
  nullable    = false
}

variable "enable_alarms" {
  type        = bool
  description = "Whether the queue's alarm is made."
  nullable    = false
}

variable "alarm_topic_arn" {
  type        = string
  description = "Topic that the alarm is published to."
  nullable    = false
}
