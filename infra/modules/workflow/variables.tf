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
  description = "Name of the state machine, and prefix of its alarms' names."
  nullable    = false
}

variable "definition_file" {
  type        = string
  description = "Path of the state machine in Amazon States Language, with a function's name between $${ and } where its ARN belongs."
  nullable    = false
}

variable "function_arns" {
  type        = map(string)
  description = "ARN of each function that the state machine names. It may invoke these and no others."
  nullable    = false
}

variable "log_retention_days" {
  type        = number
  description = "Days after which log lines are dropped."
  nullable    = false
}

variable "enable_alarms" {
  type        = bool
  description = "Whether the alarms are made."
  nullable    = false
}

variable "alarm_topic_arn" {
  type        = string
  description = "Topic that the alarms are published to."
  nullable    = false
}
