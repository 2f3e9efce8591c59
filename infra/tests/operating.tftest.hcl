# What operators are notified of and see: topics, alarms, dashboard.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  aws_region   = "us-east-1"
  packages_dir = "tests/packages"
}

run "there_is_an_alarm_for_everything_that_hurts_and_it_names_its_entry_in_the_runbook" {
  command = plan

  assert {
    condition = toset([for name in output.alarm_names : name if !strcontains(name, "-errors") && !strcontains(name, "-throttles") && !strcontains(name, "-duration")]) == toset([
      for suffix in [
        "requests-overdue", "slots-overdue", "pool-paused", "waiting-too-old", "in-progress-too-old", "long-parked",
        "unexpected-accounts", "inconsistencies", "gauges-missing", "requests-failed", "dead-letters", "stream-lag",
        "api-5xx", "api-latency", "executions-failed", "executions-timed-out", "executions-aborted",
      ] : "account-factory-dev-${suffix}"
    ])
    error_message = "The alarms are ${join(", ", output.alarm_names)}."
  }

  assert {
    condition = alltrue([
      for name, description in merge(
        module.dead_letters.alarms, module.observability.alarms, module.stream.alarms, module.workflow.alarms,
        [for function in module.function : function.alarms]...
      ) : endswith(description, " See docs/runbook.md#${trimprefix(name, "account-factory-dev-")}.")
    ])
    error_message = "An alarm does not say where to read on."
  }

  # CloudWatch accepts no longer one.
  assert {
    condition     = alltrue([for description in values(module.observability.alarms) : length(description) <= 1024])
    error_message = "A description is too long."
  }
}

run "each_alarm_on_requests_watches_its_metric_of_the_reconciler_at_its_threshold" {
  command = plan

  variables {
    control_tower_slots       = 7
    reconcile_minutes         = 10
    request_age_alarm_seconds = { waiting = 700 }
  }

  assert {
    condition = jsonencode({
      for name, rule in module.observability.alarm_rules :
      name => "${rule.statistic} ${rule.metric} ${rule.comparison} ${rule.threshold}, ${rule.periods} x ${rule.period}"
      if !startswith(name, "api-") && name != "requests-failed"
      }) == jsonencode({
      requests-overdue    = "Maximum OverdueRequests GreaterThanThreshold 0, 1 x 600"
      slots-overdue       = "Minimum SlotsNotOverdue LessThanOrEqualToThreshold 1, 1 x 600"
      pool-paused         = "Maximum PoolPaused GreaterThanThreshold 0, 1 x 600"
      waiting-too-old     = "Maximum OldestWaitingSeconds GreaterThanThreshold 700, 3 x 600"
      in-progress-too-old = "Maximum OldestInProgressSeconds GreaterThanThreshold 10800, 3 x 600"
      gauges-missing      = "SampleCount SlotsInUse LessThanThreshold 1, 3 x 600"
      long-parked         = "Sum LongParkedRequests GreaterThanThreshold 0, 1 x 300"
      unexpected-accounts = "Sum UnexpectedAccounts GreaterThanThreshold 0, 1 x 300"
      inconsistencies     = "Sum Inconsistencies GreaterThanThreshold 0, 1 x 300"
    })
    error_message = "The alarms are ${jsonencode(module.observability.alarm_rules)}."
  }

  assert {
    condition = alltrue([
      for name, rule in module.observability.alarm_rules :
      rule.dimensions == (contains(["long-parked", "unexpected-accounts", "inconsistencies"], name) ? {} : { Pool = "control-tower" })
      if !startswith(name, "api-") && name != "requests-failed"
    ])
    error_message = "An alarm watches another dimension than the one that is written."
  }
}

run "where_the_gauges_stop_their_alarms_keep_their_state_and_one_of_its_own_is_raised" {
  command = plan

  assert {
    condition = jsonencode({ for name, rule in module.observability.alarm_rules : name => rule.missing }) == jsonencode({
      gauges-missing      = "breaching"
      requests-overdue    = "ignore"
      slots-overdue       = "ignore"
      pool-paused         = "ignore"
      waiting-too-old     = "ignore"
      in-progress-too-old = "ignore"
      long-parked         = "notBreaching"
      unexpected-accounts = "notBreaching"
      inconsistencies     = "notBreaching"
      requests-failed     = "notBreaching"
      api-5xx             = "notBreaching"
      api-latency         = "notBreaching"
    })
    error_message = "Missing data means ${jsonencode({ for name, rule in module.observability.alarm_rules : name => rule.missing })}."
  }
}

run "with_a_single_slot_the_alarm_on_slots_waits_until_it_is_overdue" {
  command = plan

  variables {
    control_tower_slots = 1
  }

  assert {
    condition     = module.observability.alarm_rules["slots-overdue"].threshold == 0
    error_message = "The alarm is always on."
  }
}

run "alarms_can_be_switched_off_all_at_once" {
  command = plan

  variables {
    enable_cloudwatch_alarms = false
  }

  assert {
    condition     = length(output.alarm_names) == 0
    error_message = "These remain: ${join(", ", output.alarm_names)}."
  }
}

run "the_dashboard_shows_requests_slots_ages_what_is_for_operators_latencies_and_errors" {
  command = apply

  assert {
    condition = length(setsubtract(
      [
        "Requests", "SecondsToEnd", "WaitingRequests", "ParkedRequests", "SlotsInUse", "SlotsNotOverdue", "OverdueRequests",
        "OldestWaitingSeconds", "OldestInProgressSeconds", "PoolPaused", "LongParkedRequests", "UnexpectedAccounts",
        "Inconsistencies", "Latency", "5xx", "Errors", "ExecutionsFailed",
      ],
      flatten([
        for widget in jsondecode(module.observability.dashboard_body).widgets : [for metric in widget.properties.metrics : metric[1]]
      ]),
    )) == 0
    error_message = "The dashboard lacks a figure."
  }

  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(module.observability.dashboard_body).widgets : [
        for metric in widget.properties.metrics : startswith(metric[0], "AWS/") || metric[0] == "AccountFactory/dev"
      ]
    ]))
    error_message = "The dashboard shows the figures of another environment."
  }

  # A metric that is drawn with other dimensions than it is written with stays empty.
  assert {
    condition = toset(flatten([
      for widget in jsondecode(module.observability.dashboard_body).widgets : [
        for metric in widget.properties.metrics : metric[1] if try(join("=", slice(metric, 2, 4)), "") == "Pool=control-tower"
      ]
      ])) == toset([
      "WaitingRequests", "ParkedRequests", "SlotsInUse", "SlotsNotOverdue", "OverdueRequests", "OldestWaitingSeconds",
      "OldestInProgressSeconds", "PoolPaused",
    ])
    error_message = "A gauge of the pool is drawn without it, or another metric with it."
  }
}

run "topics_are_encrypted_under_a_key_that_is_replaced_every_year" {
  command = apply

  assert {
    condition     = module.notifications.topic_keys == { alarms = "arn:aws:kms:us-east-1:123456789012:key/mock", requests = "arn:aws:kms:us-east-1:123456789012:key/mock" }
    error_message = "A topic is not encrypted under the fleet's key."
  }

  assert {
    condition     = module.notifications.key_rotation
    error_message = "The key is never replaced."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(module.notifications.key_policy).Statement :
      try(statement.Condition, null) != null || statement.Principal == { AWS = "arn:aws:iam::123456789012:root" }
    ])
    error_message = "Somebody may use the key without a condition."
  }
}

run "topics_refuse_what_is_not_tls_and_notify_every_address" {
  command = plan

  variables {
    notification_emails = ["ops@example.com", "finance@example.com"]
  }

  assert {
    condition = alltrue([
      for policy in module.notifications.topic_policies : anytrue([
        for statement in jsondecode(policy) :
        statement.Effect == "Deny" && try(statement.Condition.Bool["aws:SecureTransport"], "") == "false"
      ])
    ])
    error_message = "A topic accepts what comes without TLS."
  }

  assert {
    condition = alltrue(flatten([
      for policy in module.notifications.topic_policies : [
        for statement in jsondecode(policy) :
        statement.Condition.ArnLike["aws:SourceArn"] == "arn:aws:cloudwatch:us-east-1:123456789012:alarm:account-factory-dev-*"
        if statement.Effect == "Allow"
      ]
    ]))
    error_message = "Alarms of other systems may publish."
  }

  assert {
    condition = toset(module.notifications.subscriptions) == toset([
      "alarms finance@example.com", "alarms ops@example.com", "requests finance@example.com", "requests ops@example.com",
    ])
    error_message = "The subscriptions are ${join(", ", module.notifications.subscriptions)}."
  }
}
