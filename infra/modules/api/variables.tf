variable "name" {
  type        = string
  description = "Name of the API."
  nullable    = false
}

variable "function_name" {
  type        = string
  description = "Name of the function that answers."
  nullable    = false
}

variable "function_invoke_arn" {
  type        = string
  description = "ARN by which API Gateway invokes the function that answers."
  nullable    = false
}

variable "authorizer_name" {
  type        = string
  description = "Name of the function that authorizes."
  nullable    = false
}

variable "authorizer_invoke_arn" {
  type        = string
  description = "ARN by which API Gateway invokes the function that authorizes."
  nullable    = false
}

variable "authorizer_cache_seconds" {
  type        = number
  description = "Seconds for which a verdict on a token and a route is kept."
  nullable    = false
}

variable "cors_allow_origins" {
  type        = list(string)
  description = "Origins whose pages may call the API from a browser; none if it is empty."
  nullable    = false
}

variable "throttling_burst_limit" {
  type        = number
  description = "Requests that may come at once."
  nullable    = false
}

variable "throttling_rate_limit" {
  type        = number
  description = "Requests a second that may come in the long run."
  nullable    = false
}

variable "log_retention_days" {
  type        = number
  description = "Days after which access log lines are dropped."
  nullable    = false
}
