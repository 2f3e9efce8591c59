# The fleet. Functions are in functions.tf, what they may do in policies.tf and launch.tf.

module "table" {
  source = "./modules/table"

  name                   = local.table_name
  point_in_time_recovery = var.enable_pitr
  deletion_protection    = local.deletion_protection
}

module "identity" {
  source = "./modules/identity"

  place                = local.place
  name                 = local.name
  deletion_protection  = local.deletion_protection
  domain_prefix        = var.cognito_domain_prefix == "" ? "${local.name}-${local.account}" : var.cognito_domain_prefix
  mfa_configuration    = var.mfa_configuration
  access_token_minutes = var.access_token_minutes
  refresh_token_hours  = var.refresh_token_hours
  machine_scopes       = var.machine_scopes
}

module "notifications" {
  source = "./modules/notifications"

  place  = local.place
  name   = local.name
  emails = toset(var.notification_emails)
  # Each named by itself: the whole of the functions waits for the topic of their alarms.
  sender_role_arns = [
    module.function["stream-trigger"].role_arn,
    module.function["update-failed"].role_arn,
    module.function["update-status"].role_arn,
  ]
  dead_letter_queue_arn    = local.queue_arn
  key_deletion_window_days = local.deletion_protection ? 30 : 7
}

module "dead_letters" {
  source = "./modules/dead-letters"

  name            = "${local.name}-dead-letters"
  kms_key_arn     = module.notifications.kms_key_arn
  rule_arns       = ["${local.rule_prefix}-reconcile", "${local.rule_prefix}-execution-ended"]
  enable_alarms   = var.enable_cloudwatch_alarms
  alarm_topic_arn = module.notifications.alarm_topic_arn
}

module "workflow" {
  source = "./modules/workflow"

  place              = local.place
  name               = local.name
  definition_file    = "${path.module}/state-machine.asl.json"
  function_arns      = { for function in local.workflow_functions : function => "${local.function_prefix}-${function}" }
  log_retention_days = var.log_retention_days
  enable_alarms      = var.enable_cloudwatch_alarms
  alarm_topic_arn    = module.notifications.alarm_topic_arn
}

module "stream" {
  source = "./modules/stream"

  name                       = local.name
  stream_arn                 = module.table.stream_arn
  function_name              = module.function["stream-trigger"].name
  function_arn               = module.function["stream-trigger"].arn
  filters                    = [for pattern in local.stream_filters : jsonencode(pattern)]
  maximum_retry_attempts     = var.stream_maximum_retry_attempts
  maximum_record_age_seconds = var.stream_maximum_record_age_seconds
  dead_letter_queue_arn      = module.dead_letters.arn
  lag_alarm_seconds          = var.stream_lag_alarm_seconds
  enable_alarms              = var.enable_cloudwatch_alarms
  alarm_topic_arn            = module.notifications.alarm_topic_arn

  # No record before there is a state machine to start.
  depends_on = [module.workflow]
}

module "reconcile" {
  source = "./modules/event-rule"

  name                = "${local.name}-reconcile"
  description         = "Runs the reconciler, which repairs what a lost event, record or execution left behind."
  schedule_expression = "rate(${var.reconcile_minutes} ${var.reconcile_minutes == 1 ? "minute" : "minutes"})"
  input               = jsonencode({ reconcile = true })
  function_name       = module.function["stream-trigger"].name
  function_arn        = module.function["stream-trigger"].arn
  # The next run does what this one could not.
  maximum_event_age_seconds = var.reconcile_minutes * 60
  maximum_retry_attempts    = 3
  dead_letter_queue_arn     = module.dead_letters.arn

  depends_on = [module.workflow]
}

# Of asynchronous invocations stream-trigger has only the schedule's.
resource "aws_lambda_function_event_invoke_config" "reconcile" {
  function_name                = module.function["stream-trigger"].name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = var.reconcile_minutes * 60
}

module "execution_ended" {
  source = "./modules/event-rule"

  name        = "${local.name}-execution-ended"
  description = "Has the request looked at whose execution failed, was stopped or timed out, sooner than the reconciler would."
  event_pattern = jsonencode({
    source      = ["aws.states"]
    detail-type = ["Step Functions Execution Status Change"]
    detail = {
      stateMachineArn = [local.workflow_arn]
      status          = ["ABORTED", "FAILED", "TIMED_OUT"]
    }
  })
  function_name             = module.function["update-failed"].name
  function_arn              = module.function["update-failed"].arn
  maximum_event_age_seconds = 86400
  maximum_retry_attempts    = 185
  dead_letter_queue_arn     = module.dead_letters.arn
}

# If the function fails too, the event is kept where an alarm sees it.
resource "aws_lambda_function_event_invoke_config" "execution_ended" {
  function_name                = module.function["update-failed"].name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600

  destination_config {
    on_failure {
      destination = module.dead_letters.arn
    }
  }
}

module "api" {
  source = "./modules/api"

  name                     = local.name
  function_name            = module.function["api"].name
  function_invoke_arn      = module.function["api"].invoke_arn
  authorizer_name          = module.function["authorizer"].name
  authorizer_invoke_arn    = module.function["authorizer"].invoke_arn
  authorizer_cache_seconds = var.authorizer_cache_seconds
  cors_allow_origins       = var.cors_allow_origins
  throttling_burst_limit   = var.throttling_burst_limit
  throttling_rate_limit    = var.throttling_rate_limit
  log_retention_days       = var.log_retention_days

  # Nothing is accepted before it can be carried out.
  depends_on = [module.stream]
}

module "custom_domain" {
  source = "./modules/custom-domain"
  count  = var.custom_domain_name == "" ? 0 : 1

  domain_name        = var.custom_domain_name
  api_id             = module.api.id
  stage              = module.api.stage
  create_certificate = var.create_acm_certificate
  certificate_arn    = var.acm_certificate_arn
  create_record      = var.create_route53_record
  zone_id            = var.route53_zone_id
}

module "observability" {
  source = "./modules/observability"

  place                       = local.place
  name                        = local.name
  metrics_namespace           = local.metrics_namespace
  api_id                      = module.api.id
  function_names              = { for key, function in module.function : key => function.name }
  state_machine_arn           = module.workflow.arn
  dead_letter_queue_name      = module.dead_letters.name
  reconcile_minutes           = var.reconcile_minutes
  control_tower_slots         = var.control_tower_slots
  request_age_alarm_seconds   = var.request_age_alarm_seconds
  failed_requests_alarm_count = var.failed_requests_alarm_count
  api_5xx_alarm_count         = var.api_5xx_alarm_count
  api_latency_alarm_ms        = var.api_latency_alarm_ms
  enable_alarms               = var.enable_cloudwatch_alarms
  alarm_topic_arn             = module.notifications.alarm_topic_arn
}
