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

variable "function" {
  type        = string
  description = "Short name of the function: its crate, its package and its entries in the runbook."
  nullable    = false
}

variable "name" {
  type        = string
  description = "Full name of the function, of its role and, behind /aws/lambda/, of its log group."
  nullable    = false

  validation {
    condition     = length(var.name) <= 64
    error_message = "Lambda and IAM allow 64 characters for a name."
  }
}

variable "description" {
  type        = string
  description = "What the function does, in a sentence."
  nullable    = false
}

variable "package" {
  type        = string
  description = "Path of the zip file that holds the function's bootstrap."
  nullable    = false
}

variable "architecture" {
  type        = string
  description = "Instruction set the package was built for."
  nullable    = false
}

variable "memory_size" {
  type        = number
  description = "Memory in MB; the share of CPU follows it."
  nullable    = false
}

variable "timeout" {
  type        = number
  description = "Seconds after which an invocation is ended."
  nullable    = false
}

variable "reserved_concurrency" {
  type        = number
  description = "Invocations that may run at once and are set aside for the function; -1 takes from the account's pool."
  default     = -1
  nullable    = false
}

variable "environment" {
  type        = map(string)
  description = "The function's settings."
  nullable    = false
}

variable "policy_statements" {
  type = list(object({
    Sid       = string
    Action    = list(string)
    Resource  = list(string)
    Condition = optional(map(map(list(string))))
  }))
  description = "What the function may do besides writing its log and its traces."
  nullable    = false
}

variable "log_level" {
  type        = string
  description = "Least level of the function's own lines that are kept."
  nullable    = false
}

variable "log_retention_days" {
  type        = number
  description = "Days after which log lines are dropped."
  nullable    = false
}

variable "enable_alarms" {
  type        = bool
  description = "Whether the function's alarms are made."
  nullable    = false
}

variable "alarm_topic_arn" {
  type        = string
  description = "Topic that the alarms are published to."
  nullable    = false
}

variable "errors_alarm" {
  type        = object({ threshold = number, periods = number })
  description = "How many errors in 5 minutes, and how many times in a row, raise the alarm. A function whose errors are retried as a matter of course needs more than one."
  default     = { threshold = 1, periods = 1 }
  nullable    = false
}

variable "duration_alarm_percent" {
  type        = number
  description = "Share of the timeout, in percent, above which the alarm is raised."
  default     = 80
  nullable    = false
}
