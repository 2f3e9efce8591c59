# What operators hear and see: topics, alarms, dashboard.

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
    condition = length(setsubtract(
      [
        for suffix in [
          "requests-failed", "requested-too-old", "valid-too-old", "in-progress-too-old", "dead-letters", "stream-lag",
          "api-5xx", "api-latency", "executions-failed", "executions-timed-out", "executions-aborted",
        ] : "account-factory-dev-${suffix}"
      ],
      output.alarm_names,
    )) == 0
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

  assert {
    condition     = module.observability.silence == { in-progress-too-old = "breaching", requested-too-old = "breaching", valid-too-old = "breaching" }
    error_message = "Without a sweep nobody would hear that requests grow old."
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

run "the_dashboard_shows_requests_slots_ages_latencies_and_errors" {
  command = apply

  assert {
    condition = length(setsubtract(
      ["Requests", "OpenRequests", "SlotsInUse", "OldestRequestSeconds", "SecondsToEnd", "Latency", "5xx", "Errors", "ExecutionsFailed"],
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

run "topics_refuse_what_is_not_tls_and_tell_every_address" {
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
    error_message = "A topic takes what comes without TLS."
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
