variable "name" {
  type        = string
  description = "Name of the rule."
  nullable    = false
}

variable "description" {
  type        = string
  description = "What the rule is for, in a sentence."
  nullable    = false
}

variable "schedule_expression" {
  type        = string
  description = "When the rule acts, as in rate(5 minutes); null for a rule that follows events."
  default     = null

  validation {
    condition     = (var.schedule_expression == null) != (var.event_pattern == null)
    error_message = "A rule follows either a schedule or a pattern of events."
  }
}

variable "event_pattern" {
  type        = string
  description = "Which events the rule acts on, as JSON; null for a rule that follows a schedule."
  default     = null
}

variable "input" {
  type        = string
  description = "What the function is given instead of the event, as JSON; null for the event itself."
  default     = null
}

variable "function_name" {
  type        = string
  description = "Name of the function that is invoked."
  nullable    = false
}

variable "function_arn" {
  type        = string
  description = "ARN of the function that is invoked."
  nullable    = false
}

variable "maximum_event_age_seconds" {
  type        = number
  description = "Seconds for which EventBridge tries to deliver an event."
  nullable    = false

  validation {
    condition     = var.maximum_event_age_seconds >= 60 && var.maximum_event_age_seconds <= 86400
    error_message = "EventBridge takes 60 to 86400 seconds."
  }
}

variable "maximum_retry_attempts" {
  type        = number
  description = "How often EventBridge tries again to deliver an event."
  nullable    = false

  validation {
    condition     = var.maximum_retry_attempts >= 0 && var.maximum_retry_attempts <= 185
    error_message = "EventBridge takes 0 to 185."
  }
}

variable "dead_letter_queue_arn" {
  type        = string
  description = "Queue that gets what could not be delivered."
  nullable    = false
}
