# What cannot work is refused before anything is planned.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  aws_region   = "us-east-1"
  packages_dir = "tests/packages"
}

run "values_that_cannot_work_are_refused_each_by_name" {
  command = plan

  variables {
    environment                       = "Prod"
    lambda_architecture               = "riscv"
    lambda_timeout                    = 300
    lambda_reserved_concurrency       = { api = 0 }
    log_level                         = "WARN"
    log_retention_days                = 42
    control_tower_slots               = 0
    first_poll_seconds                = 3601
    poll_seconds                      = 0
    backoff_seconds                   = 0
    reconcile_minutes                 = 61
    request_age_alarm_seconds         = { waiting = 0 }
    stream_maximum_record_age_seconds = 30
    account_factory_portfolio_id      = "prod-abcdefghijklm"
    cors_allow_origins                = ["*"]
    authorizer_cache_seconds          = 7200
    machine_scopes                    = ["accounts/everything"]
    notification_emails               = ["nobody"]
    custom_domain_name                = "accounts.example.com"
  }

  expect_failures = [
    var.environment,
    var.lambda_architecture,
    var.lambda_timeout,
    var.lambda_reserved_concurrency,
    # Above INFO the functions' figures would be dropped too.
    var.log_level,
    var.log_retention_days,
    var.control_tower_slots,
    var.first_poll_seconds,
    var.poll_seconds,
    var.backoff_seconds,
    var.reconcile_minutes,
    var.request_age_alarm_seconds,
    var.stream_maximum_record_age_seconds,
    var.account_factory_portfolio_id,
    var.cors_allow_origins,
    var.authorizer_cache_seconds,
    var.machine_scopes,
    var.notification_emails,
    # Both need a zone.
    var.create_acm_certificate,
    var.create_route53_record,
  ]
}

run "an_operation_that_would_be_overdue_before_its_first_poll_is_refused" {
  command = plan

  variables {
    first_poll_seconds        = 300
    operation_timeout_seconds = 299
  }

  expect_failures = [var.operation_timeout_seconds]
}

run "a_custom_domain_that_brings_no_certificate_along_is_refused" {
  command = plan

  variables {
    custom_domain_name     = "accounts.example.com"
    create_acm_certificate = false
    create_route53_record  = false
  }

  expect_failures = [var.acm_certificate_arn]
}

run "a_log_level_at_which_tokens_are_logged_is_refused" {
  command = plan

  variables {
    log_level = "TRACE"
  }

  expect_failures = [var.log_level]
}
