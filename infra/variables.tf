variable "environment" {
  type        = string
  description = "Name of this fleet among others; every resource is called account-factory-ENVIRONMENT. Anything but dev and test is protected against deletion. Without a default: another name is another fleet."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,14}[a-z0-9]$", var.environment))
    error_message = "2 to 16 lower-case letters, digits and hyphens; a letter first, no hyphen last."
  }
}

variable "aws_region" {
  type        = string
  description = "Region of the fleet: the home region of AWS Control Tower. Without a default: in another region everything looks deleted."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "A region as in eu-central-1."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags on everything, beside Project, Environment and ManagedBy."
  default     = {}
  nullable    = false
}

# The functions

variable "packages_dir" {
  type        = string
  description = "Folder that holds FUNCTION/bootstrap.zip for each of the eight functions, seen from infra/. The default is where `cargo lambda build --output-format zip` writes."
  default     = "../target/lambda"
  nullable    = false
}

variable "lambda_architecture" {
  type        = string
  description = "Instruction set that the packages were built for."
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "arm64 or x86_64."
  }
}

variable "lambda_memory_size" {
  type        = number
  description = "Memory of each function in MB; the share of CPU follows it."
  default     = 256
  nullable    = false

  validation {
    condition     = var.lambda_memory_size >= 128 && var.lambda_memory_size <= 10240 && floor(var.lambda_memory_size) == var.lambda_memory_size
    error_message = "128 to 10240, whole."
  }
}

variable "lambda_timeout" {
  type        = number
  description = "Seconds after which an invocation is ended. API Gateway waits no longer than 10 for the authorizer and 30 for the api, so these two have less. ATTEMPT_EXPIRY_SECONDS of the functions is this and 900: an unanswered attempt can arrive for as long."
  default     = 120
  nullable    = false

  validation {
    condition     = var.lambda_timeout >= 30 && var.lambda_timeout <= 290 && floor(var.lambda_timeout) == var.lambda_timeout
    error_message = "30 to 290, whole: longer than one call of the SDK (25 seconds), shorter than the state machine waits for a task (300)."
  }
}

variable "lambda_reserved_concurrency" {
  type        = map(number)
  description = "Invocations that may run at once and are set aside, by function; the others share the account's pool."
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for function, count in var.lambda_reserved_concurrency :
      contains([
        "api", "authorizer", "stream-trigger", "validate", "provision", "check-status", "update-status", "update-failed",
      ], function) && count >= 1
    ])
    error_message = "Names of functions, each with 1 or more (0 would stop the function)."
  }
}

variable "log_level" {
  type        = string
  description = "Least level of the functions' own lines that are kept."
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO"], var.log_level)
    error_message = "DEBUG or INFO. TRACE would log each event as it comes, with the caller's token. Above INFO the functions' figures would be dropped too: they are lines of the log."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days after which log lines are dropped."
  default     = 365
  nullable    = false

  validation {
    condition = contains([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ], var.log_retention_days)
    error_message = "One of the periods that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "function_environment" {
  type        = map(string)
  description = "Environment of every function beside its settings: a proxy, or the endpoints of an emulator. No secrets."
  default     = {}
  nullable    = false
}

# The table

variable "enable_pitr" {
  type        = bool
  description = "Whether the table can be restored to any second of the last 35 days."
  default     = true
  nullable    = false
}

variable "deletion_protection" {
  type        = bool
  description = "Whether table and user pool refuse to be deleted; null: everywhere but in dev and test."
  default     = null
}

# The workflow

variable "control_tower_slots" {
  type        = number
  description = "Slots of the pool control-tower: how many account operations of Control Tower run at once. Its quota, less what others use in the console; 10 where AWS has raised it. Lowering it ends nothing: slots above the number are not given again."
  default     = 5
  nullable    = false

  validation {
    condition     = var.control_tower_slots >= 1 && var.control_tower_slots <= 100 && floor(var.control_tower_slots) == var.control_tower_slots
    error_message = "1 to 100, whole."
  }
}

variable "first_poll_seconds" {
  type        = number
  description = "Seconds from the start of an operation to the first poll of its outcome. No account is ready sooner than in minutes, and every poll costs a call."
  default     = 300
  nullable    = false

  validation {
    condition     = var.first_poll_seconds >= 1 && var.first_poll_seconds <= 3600 && floor(var.first_poll_seconds) == var.first_poll_seconds
    error_message = "1 to 3600, whole."
  }
}

variable "poll_seconds" {
  type        = number
  description = "Seconds between two later polls of an operation."
  default     = 60
  nullable    = false

  validation {
    condition     = var.poll_seconds >= 1 && var.poll_seconds <= 3600 && floor(var.poll_seconds) == var.poll_seconds
    error_message = "1 to 3600, whole."
  }
}

variable "operation_timeout_seconds" {
  type        = number
  description = "Seconds after which an operation is overdue: alarmed and still followed, and an operator may state its outcome. It keeps its slot."
  default     = 14400
  nullable    = false

  validation {
    condition     = var.operation_timeout_seconds >= var.first_poll_seconds && var.operation_timeout_seconds >= var.poll_seconds && floor(var.operation_timeout_seconds) == var.operation_timeout_seconds
    error_message = "Whole, and no less than first_poll_seconds and poll_seconds: an operation is polled before it is overdue."
  }
}

variable "backoff_seconds" {
  type        = number
  description = "First backoff, in seconds, of a request that was parked by our own fault, of a paused pool, and of an execution that gave up. It doubles each time."
  default     = 60
  nullable    = false

  validation {
    condition     = var.backoff_seconds >= 1 && var.backoff_seconds <= 3600 && floor(var.backoff_seconds) == var.backoff_seconds
    error_message = "1 to 3600, whole."
  }
}

variable "reconcile_minutes" {
  type        = number
  description = "Minutes between two runs of the reconciler, which repairs what was lost and writes the gauges."
  default     = 5
  nullable    = false

  validation {
    condition     = var.reconcile_minutes >= 1 && var.reconcile_minutes <= 60 && floor(var.reconcile_minutes) == var.reconcile_minutes
    error_message = "1 to 60, whole."
  }
}

variable "stream_maximum_record_age_seconds" {
  type        = number
  description = "Seconds after which a record of the table's stream that cannot be processed goes to the dead-letter queue."
  default     = 3600
  nullable    = false

  validation {
    condition     = var.stream_maximum_record_age_seconds >= 60 && var.stream_maximum_record_age_seconds <= 86400
    error_message = "60 to 86400: a stream keeps its records for a day."
  }
}

variable "stream_maximum_retry_attempts" {
  type        = number
  description = "How often such a record is retried before it goes to the queue."
  default     = 100
  nullable    = false

  validation {
    condition     = var.stream_maximum_retry_attempts >= 0 && var.stream_maximum_retry_attempts <= 10000
    error_message = "0 to 10000."
  }
}

variable "account_factory_portfolio_id" {
  type        = string
  description = "Portfolio of the product \"AWS Control Tower Account Factory\". On AWS it is needed: provision has to be one of its principals. Empty: not associated here."
  default     = ""
  nullable    = false

  validation {
    condition     = var.account_factory_portfolio_id == "" || can(regex("^port-[a-z0-9]+$", var.account_factory_portfolio_id))
    error_message = "An id as in port-abcdefghijklm, or nothing."
  }
}

# The API

variable "cors_allow_origins" {
  type        = list(string)
  description = "Origins whose pages may call the API from a browser, as in https://portal.example.com; none if it is empty."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.cors_allow_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "Origins, each with its scheme and without a path or a wildcard."
  }
}

variable "throttling_burst_limit" {
  type        = number
  description = "Requests that the API accepts at once."
  default     = 100
  nullable    = false

  validation {
    condition     = var.throttling_burst_limit >= 1
    error_message = "1 or more."
  }
}

variable "throttling_rate_limit" {
  type        = number
  description = "Requests a second that the API accepts in the long run."
  default     = 50
  nullable    = false

  validation {
    condition     = var.throttling_rate_limit >= 1
    error_message = "1 or more."
  }
}

variable "authorizer_cache_seconds" {
  type        = number
  description = "Seconds for which the verdict on a token and a route is kept. A person who leaves a group keeps its rights for as long."
  default     = 300
  nullable    = false

  validation {
    condition     = var.authorizer_cache_seconds >= 0 && var.authorizer_cache_seconds <= 3600
    error_message = "0 (nothing is kept) to 3600."
  }
}
