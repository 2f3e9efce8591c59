variable "place" {
  type = object({
    partition  = string
    account    = string
    region     = string
    dns_suffix = string
  })
  description = "Where the fleet is: partition, account, region, and the domain behind the partition's services."
  nullable    = false
}

variable "name" {
  type        = string
  description = "Name of the dashboard, and prefix of the alarms' names."
  nullable    = false
}

variable "metrics_namespace" {
  type        = string
  description = "Namespace of the figures that the functions write."
  nullable    = false
}

variable "api_id" {
  type        = string
  description = "Id of the API."
  nullable    = false
}

variable "function_names" {
  type        = map(string)
  description = "Full name of each function, by its short name."
  nullable    = false
}

variable "state_machine_arn" {
  type        = string
  description = "ARN of the state machine."
  nullable    = false
}

variable "dead_letter_queue_name" {
  type        = string
  description = "Name of the dead-letter queue."
  nullable    = false
}

variable "reconcile_minutes" {
  type        = number
  description = "Minutes between two runs of the reconciler, which writes the gauges."
  nullable    = false
}

variable "control_tower_slots" {
  type        = number
  description = "Slots of the pool: how many operations run at once."
  nullable    = false
}

variable "request_age_alarm_seconds" {
  type        = object({ waiting = number, in_progress = number })
  description = "Age in seconds above which the oldest waiting request, and the oldest in progress, raise the alarm."
  nullable    = false
}

variable "failed_requests_alarm_count" {
  type        = number
  description = "Failed requests in 5 minutes that raise the alarm."
  nullable    = false
}

variable "api_5xx_alarm_count" {
  type        = number
  description = "Answers of 5xx in 5 minutes that raise the alarm."
  nullable    = false
}

variable "api_latency_alarm_ms" {
  type        = number
  description = "Latency in ms (99th percentile) above which the alarm is raised."
  nullable    = false
}

variable "enable_alarms" {
  type        = bool
  description = "Whether the alarms are made. The dashboard always is."
  nullable    = false
}

variable "alarm_topic_arn" {
  type        = string
  description = "Topic that the alarms are published to."
  nullable    = false
}
