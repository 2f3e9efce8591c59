# What no single part can say of itself: how requests fare, and how the API does. The figures of requests come from
# the functions (embedded metric format); the sweep writes the gauges every few minutes, so that its silence is an
# alarm as well.

locals {
  # A gauge is written once in every such period, and one more or less at its edges.
  sweep_period = max(300, var.sweep_minutes * 60)

  age_alarms = {
    requested-too-old = {
      status  = "Requested"
      seconds = var.request_age_alarm_seconds.requested
      why     = "its workflow has not started, or cannot look at the organization"
    }
    valid-too-old = {
      status  = "Valid"
      seconds = var.request_age_alarm_seconds.valid
      why     = "its turn does not come"
    }
    in-progress-too-old = {
      status  = "InProgress"
      seconds = var.request_age_alarm_seconds.in_progress
      why     = "the landing zone does not finish it"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "request_age" {
  for_each = var.enable_alarms ? local.age_alarms : {}

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "The oldest request that is ${each.value.status} is older than ${each.value.seconds} seconds: ${each.value.why}. Or the sweep, which measures it, is silent. See docs/runbook.md#${each.key}."
  namespace           = var.metrics_namespace
  metric_name         = "OldestRequestSeconds"
  dimensions          = { Status = each.value.status }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.seconds
  period              = local.sweep_period
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  # The sweep writes zero where there is nothing; no figure means no sweep.
  treat_missing_data = "breaching"
  alarm_actions      = [var.alarm_topic_arn]
  ok_actions         = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "requests_failed" {
  count = var.enable_alarms ? 1 : 0

  alarm_name          = "${var.name}-requests-failed"
  alarm_description   = "Requests ended without an account: ${var.failed_requests_alarm_count} or more in 5 minutes. See docs/runbook.md#requests-failed."
  namespace           = var.metrics_namespace
  metric_name         = "Requests"
  dimensions          = { Status = "Failed" }
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.failed_requests_alarm_count
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "api_5xx" {
  count = var.enable_alarms ? 1 : 0

  alarm_name          = "${var.name}-api-5xx"
  alarm_description   = "The API answered 5xx, ${var.api_5xx_alarm_count} times or more in 5 minutes. See docs/runbook.md#api-5xx."
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = var.api_id }
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.api_5xx_alarm_count
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "api_latency" {
  count = var.enable_alarms ? 1 : 0

  alarm_name          = "${var.name}-api-latency"
  alarm_description   = "One answer of the API in a hundred takes longer than ${var.api_latency_alarm_ms} ms. See docs/runbook.md#api-latency."
  namespace           = "AWS/ApiGateway"
  metric_name         = "Latency"
  dimensions          = { ApiId = var.api_id }
  extended_statistic  = "p99"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.api_latency_alarm_ms
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
