variable "name" {
  type        = string
  description = "Prefix of the alarm's name."
  nullable    = false
}

variable "stream_arn" {
  type        = string
  description = "ARN of the table's stream."
  nullable    = false
}

variable "function_name" {
  type        = string
  description = "Name of the function that gets the records."
  nullable    = false
}

variable "function_arn" {
  type        = string
  description = "ARN of the function that gets the records."
  nullable    = false
}

variable "filters" {
  type        = list(string)
  description = "Which records invoke the function: filter patterns of Lambda, each as JSON. One that matches is enough."
  nullable    = false

  validation {
    condition     = length(var.filters) >= 1 && length(var.filters) <= 5
    error_message = "Lambda takes 1 to 5 filters for an event source."
  }
}

variable "maximum_retry_attempts" {
  type        = number
  description = "How often a record that fails is tried again before it goes to the queue."
  nullable    = false
}

variable "maximum_record_age_seconds" {
  type        = number
  description = "Seconds after which a record that fails goes to the queue."
  nullable    = false
}

variable "dead_letter_queue_arn" {
  type        = string
  description = "Queue that gets the records that failed for good."
  nullable    = false
}

variable "lag_alarm_seconds" {
  type        = number
  description = "Age of the oldest unprocessed record, in seconds, above which the alarm is raised."
  nullable    = false
}

variable "enable_alarms" {
  type        = bool
  description = "Whether the alarm is made."
  nullable    = false
}

variable "alarm_topic_arn" {
  type        = string
  description = "Topic that the alarm is published to."
  nullable    = false
}
