# The eight functions: what each is for, its settings, and how it is watched. What each may do is in policies.tf.

locals {
  # Errors of these are retried by the state machine, "busy" among them: only many in a row need a person.
  retried = { threshold = 10, periods = 3 }

  settings = {
    table   = { DYNAMO_TABLE = local.table_name }
    metrics = { METRICS_NAMESPACE = local.metrics_namespace }
    topic   = { TOPIC_ARN = local.topic_arn }
    polling = { FIRST_POLL_SECONDS = var.first_poll_seconds, POLL_SECONDS = var.poll_seconds }
    expiry  = { ATTEMPT_EXPIRY_SECONDS = local.attempt_expiry_seconds }
    backoff = { BACKOFF_SECONDS = var.backoff_seconds }
  }

  functions = {
    api = {
      description = "Accepts requests, shows them, and takes an operator's statement of an outcome."
      # API Gateway waits for 30 seconds; one less, so that the function's own timeout is what the log shows.
      timeout      = min(var.lambda_timeout, 29)
      environment  = merge(local.settings.table, local.settings.metrics)
      errors_alarm = { threshold = 1, periods = 1 }
    }
    authorizer = {
      description = "Decides whether a token may call a route."
      # API Gateway waits for 10 seconds.
      timeout = 9
      environment = merge({
        ISSUER   = module.identity.issuer
        AUDIENCE = join(",", [module.identity.user_pool_client_id, module.identity.machine_client_id])
      }, var.jwks_url == "" ? {} : { JWKS_URL = var.jwks_url })
      errors_alarm = { threshold = 1, periods = 1 }
    }
    stream-trigger = {
      description = "Dispatcher and reconciler: gives free slots to waiting requests, repairs what was lost."
      timeout     = var.lambda_timeout
      environment = merge(
        local.settings.table, local.settings.metrics, local.settings.topic, local.settings.backoff,
        { SFN_ARN = local.workflow_arn, CONTROL_TOWER_SLOTS = var.control_tower_slots },
      )
      errors_alarm = { threshold = 1, periods = 1 }
    }
    validate = {
      description  = "Checks an admitted request against the organization."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.metrics, { POLL_SECONDS = var.poll_seconds })
      errors_alarm = local.retried
    }
    provision = {
      description  = "Begins the operation of a request in Account Factory."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.metrics, local.settings.polling, local.settings.expiry)
      errors_alarm = local.retried
    }
    check-status = {
      description = "Asks Account Factory for the outcome of an operation."
      timeout     = var.lambda_timeout
      environment = merge(
        local.settings.table, local.settings.polling, local.settings.expiry,
        { OPERATION_TIMEOUT_SECONDS = var.operation_timeout_seconds },
      )
      errors_alarm = local.retried
    }
    update-status = {
      description  = "Tags the account and records the end of its request."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.metrics, local.settings.topic)
      errors_alarm = local.retried
    }
    update-failed = {
      description  = "Ends a rejected request as failed; parks one that failed by our own fault."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.metrics, local.settings.topic, local.settings.backoff)
      errors_alarm = { threshold = 3, periods = 1 }
    }
  }
}

module "function" {
  source   = "./modules/function"
  for_each = local.functions

  place                = local.place
  function             = each.key
  name                 = "${local.name}-${each.key}"
  description          = each.value.description
  package              = "${var.packages_dir}/${each.key}/bootstrap.zip"
  architecture         = var.lambda_architecture
  memory_size          = var.lambda_memory_size
  timeout              = each.value.timeout
  reserved_concurrency = lookup(var.lambda_reserved_concurrency, each.key, -1)
  environment          = merge(var.function_environment, each.value.environment)
  policy_statements    = local.policies[each.key]
  log_level            = var.log_level
  log_retention_days   = var.log_retention_days
  enable_alarms        = var.enable_cloudwatch_alarms
  alarm_topic_arn      = module.notifications.alarm_topic_arn
  errors_alarm         = each.value.errors_alarm
}
