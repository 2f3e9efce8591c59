# Who may call, who is notified, when an alarm is raised, and under which name the API stands.

variable "jwks_url" {
  type        = string
  description = "Where the authorizer fetches the keys of tokens; empty: from the user pool."
  default     = ""
  nullable    = false

  validation {
    condition     = var.jwks_url == "" || can(regex("^https?://", var.jwks_url))
    error_message = "An http or https address, or nothing."
  }
}

variable "cognito_domain_prefix" {
  type        = string
  description = "First part of the token endpoint's address, unique in the region; empty: account-factory-ENVIRONMENT-ACCOUNT."
  default     = ""
  nullable    = false
}

variable "mfa_configuration" {
  type        = string
  description = "Whether people must (ON), may (OPTIONAL) or cannot (OFF) use a second factor."
  default     = "OPTIONAL"
  nullable    = false

  validation {
    condition     = contains(["ON", "OPTIONAL", "OFF"], var.mfa_configuration)
    error_message = "ON, OPTIONAL or OFF."
  }
}

variable "access_token_minutes" {
  type        = number
  description = "Minutes for which a token is good."
  default     = 60
  nullable    = false

  validation {
    condition     = var.access_token_minutes >= 5 && var.access_token_minutes <= 1440
    error_message = "5 to 1440: what Cognito accepts."
  }
}

variable "refresh_token_hours" {
  type        = number
  description = "Hours after which people sign in again."
  default     = 24
  nullable    = false

  validation {
    condition     = var.refresh_token_hours >= 1 && var.refresh_token_hours <= 87600 && var.refresh_token_hours * 60 > var.access_token_minutes
    error_message = "1 to 87600, and longer than a token is good."
  }
}

variable "machine_scopes" {
  type        = list(string)
  description = "What the machine client may ask for."
  default     = ["accounts/read", "accounts/write"]
  nullable    = false

  validation {
    condition = length(var.machine_scopes) > 0 && alltrue([
      for scope in var.machine_scopes : contains(["accounts/read", "accounts/write"], scope)
    ])
    error_message = "accounts/read, accounts/write, or both."
  }
}

variable "notification_emails" {
  type        = list(string)
  description = "Addresses that are notified of provisioned and failed requests and of alarms, once they have confirmed."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for email in var.notification_emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+$", email))])
    error_message = "E-mail addresses."
  }
}

variable "enable_cloudwatch_alarms" {
  type        = bool
  description = "Whether the alarms are made."
  default     = true
  nullable    = false
}

variable "request_age_alarm_seconds" {
  type = object({
    waiting     = optional(number, 21600)
    in_progress = optional(number, 10800)
  })
  description = "Age in seconds above which the oldest waiting request, and the oldest in progress, raise an alarm. Five slots end about twelve accounts an hour: where hundreds are requested at once, raise waiting. in_progress should be below operation_timeout_seconds."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for seconds in values(var.request_age_alarm_seconds) : seconds > 0])
    error_message = "Each above zero."
  }
}

variable "failed_requests_alarm_count" {
  type        = number
  description = "Failed requests in 5 minutes that raise an alarm."
  default     = 1
  nullable    = false

  validation {
    condition     = var.failed_requests_alarm_count >= 1
    error_message = "1 or more."
  }
}

variable "api_5xx_alarm_count" {
  type        = number
  description = "Answers of 5xx in 5 minutes that raise an alarm."
  default     = 3
  nullable    = false

  validation {
    condition     = var.api_5xx_alarm_count >= 1
    error_message = "1 or more."
  }
}

variable "api_latency_alarm_ms" {
  type        = number
  description = "Latency of the API in ms (99th percentile) above which an alarm is raised."
  default     = 3000
  nullable    = false

  validation {
    condition     = var.api_latency_alarm_ms > 0 && var.api_latency_alarm_ms < 30000
    error_message = "Above zero, and below the 30000 at which API Gateway gives up."
  }
}

variable "stream_lag_alarm_seconds" {
  type        = number
  description = "Age in seconds of the oldest record in the table's stream above which an alarm is raised."
  default     = 900
  nullable    = false

  validation {
    condition     = var.stream_lag_alarm_seconds > 0
    error_message = "Above zero."
  }
}

variable "custom_domain_name" {
  type        = string
  description = "Name of the API in the DNS; empty: API Gateway's own."
  default     = ""
  nullable    = false

  validation {
    condition     = var.custom_domain_name == "" || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.custom_domain_name))
    error_message = "A full name in lower case, as in accounts.example.com, or nothing."
  }
}

variable "create_acm_certificate" {
  type        = bool
  description = "Whether the certificate of the custom domain is asked of ACM and proved by a record in route53_zone_id."
  default     = true
  nullable    = false

  validation {
    condition     = var.custom_domain_name == "" || !var.create_acm_certificate || var.route53_zone_id != ""
    error_message = "The certificate is proved by a record: route53_zone_id is needed. Or bring a certificate along, with create_acm_certificate = false and acm_certificate_arn."
  }
}

variable "acm_certificate_arn" {
  type        = string
  description = "Certificate of the custom domain where none is made, in aws_region."
  default     = ""
  nullable    = false

  validation {
    condition     = var.custom_domain_name == "" || var.create_acm_certificate || var.acm_certificate_arn != ""
    error_message = "Where no certificate is made, acm_certificate_arn names one."
  }
}

variable "create_route53_record" {
  type        = bool
  description = "Whether the custom domain is made to point to the API, by records in route53_zone_id."
  default     = true
  nullable    = false

  validation {
    condition     = var.custom_domain_name == "" || !var.create_route53_record || var.route53_zone_id != ""
    error_message = "The records need a zone: route53_zone_id. Or make them elsewhere, with create_route53_record = false."
  }
}

variable "route53_zone_id" {
  type        = string
  description = "Hosted zone of the custom domain."
  default     = ""
  nullable    = false
}
