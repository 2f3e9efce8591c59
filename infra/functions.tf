# The eight functions: what each is for, its settings, and how it is watched. What each may do is in policies.tf.

locals {
  # Errors of these are retried by the state machine, and "busy" is one of them: only many at a stretch are news.
  retried = { threshold = 10, periods = 3 }

  settings = {
    table   = { DYNAMO_TABLE = local.table_name }
    metrics = { METRICS_NAMESPACE = local.metrics_namespace }
    topic   = { TOPIC_ARN = local.topic_arn }
    pace    = { POLL_SECONDS = var.poll_seconds, WAIT_BOUND_SECONDS = var.wait_bound_seconds }
  }

  functions = {
    api = {
      description = "Takes requests in, and says what became of them."
      # API Gateway waits for 30 seconds; one less, so that the function's own end is what the log shows.
      timeout      = min(var.lambda_timeout, 29)
      environment  = merge(local.settings.table, local.settings.metrics)
      errors_alarm = { threshold = 1, periods = 1 }
    }
    authorizer = {
      description = "Says whether a token is good for a route."
      # API Gateway waits for 10 seconds.
      timeout = 9
      environment = merge({
        ISSUER   = module.identity.issuer
        AUDIENCE = join(",", [module.identity.user_pool_client_id, module.identity.machine_client_id])
      }, var.jwks_url == "" ? {} : { JWKS_URL = var.jwks_url })
      errors_alarm = { threshold = 1, periods = 1 }
    }
    stream-trigger = {
      description  = "Starts the workflow of each new request; sweeps the open ones."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.metrics, { SFN_ARN = local.workflow_arn })
      errors_alarm = { threshold = 1, periods = 1 }
    }
    validate = {
      description  = "Looks whether the organization has room for the account."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.metrics)
      errors_alarm = local.retried
    }
    provision = {
      description  = "Has the landing zone make the account, when its turn has come."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.metrics, local.settings.pace, { MAX_OPERATIONS = var.max_operations })
      errors_alarm = local.retried
    }
    check-status = {
      description  = "Looks how far the landing zone is."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.pace)
      errors_alarm = local.retried
    }
    update-status = {
      description  = "Tags the account and records it."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.metrics, local.settings.topic)
      errors_alarm = local.retried
    }
    update-failed = {
      description  = "Records why there is no account."
      timeout      = var.lambda_timeout
      environment  = merge(local.settings.table, local.settings.metrics, local.settings.topic)
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
