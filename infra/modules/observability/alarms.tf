# What no single part can say of itself: how requests fare, and how the API does. The figures of requests come from
# the functions (embedded metric format). The suffix of an alarm's name is its entry in docs/runbook.md.

locals {
  pool = { Pool = "control-tower" }

  # The reconciler writes each gauge once in every such period.
  gauge_period = max(300, var.reconcile_minutes * 60)

  # Gauges: the reconciler writes them at every run, zero included. Where none is written the alarms keep their state,
  # and gauges-missing is raised instead.
  gauge_alarms = {
    requests-overdue = {
      description = "An operation runs longer than its timeout and holds its slot. Look at its record in Service Catalog; once the outcome is certain, state it with `accounts resolve`."
      metric      = "OverdueRequests"
      statistic   = "Maximum"
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      periods     = 1
    }
    slots-overdue = {
      description = "All slots but one, or all of them, are held by overdue operations: requests hardly move. Resolve those that are overdue, or raise control_tower_slots if Control Tower's quota allows."
      metric      = "SlotsNotOverdue"
      statistic   = "Minimum"
      comparison  = "LessThanOrEqualToThreshold"
      # With a single slot, one that is not overdue is all there can be.
      threshold = min(1, var.control_tower_slots - 1)
      periods   = 1
    }
    pool-paused = {
      description = "The pool is paused, and no request is admitted: AWS denied or throttled our role, or the product or its portfolio was not found. Read the reason on the item POOL#control-tower and put it right; the next operation that begins ends the pause."
      metric      = "PoolPaused"
      statistic   = "Maximum"
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      periods     = 1
    }
    waiting-too-old = {
      description = "The oldest request has waited for a slot for more than ${var.request_age_alarm_seconds.waiting} seconds. With every slot in use the queue is long: wait, or raise control_tower_slots. With slots free, look at pool-paused and at the log of stream-trigger."
      metric      = "OldestWaitingSeconds"
      statistic   = "Maximum"
      comparison  = "GreaterThanThreshold"
      threshold   = var.request_age_alarm_seconds.waiting
      periods     = 3
    }
    in-progress-too-old = {
      description = "The oldest request in progress is older than ${var.request_age_alarm_seconds.in_progress} seconds, and will be overdue. Look at its record in Service Catalog and at Control Tower's own view of the account."
      metric      = "OldestInProgressSeconds"
      statistic   = "Maximum"
      comparison  = "GreaterThanThreshold"
      threshold   = var.request_age_alarm_seconds.in_progress
      periods     = 3
    }
  }

  # Counters: written only when there is something to count.
  counter_alarms = {
    long-parked = {
      description = "A request was parked for the fifth time or more: it keeps failing by a fault of ours. Read its ParkReason and remove the cause; it goes on by itself."
      metric      = "LongParkedRequests"
    }
    unexpected-accounts = {
      description = "The organization has an account although an operator stated that there is none. Find out whose it is, and close it or import it by hand; the request stays as it ended."
      metric      = "UnexpectedAccounts"
    }
    inconsistencies = {
      description = "The reconciler found items that contradict each other. Its log names the request: compare account, request, operations and slot."
      metric      = "Inconsistencies"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "gauge" {
  for_each = var.enable_alarms ? local.gauge_alarms : {}

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} See docs/runbook.md#${each.key}."
  namespace           = var.metrics_namespace
  metric_name         = each.value.metric
  dimensions          = local.pool
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = local.gauge_period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  treat_missing_data  = "ignore"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "gauges_missing" {
  count = var.enable_alarms ? 1 : 0

  alarm_name          = "${var.name}-gauges-missing"
  alarm_description   = "The reconciler has written no gauges for ${3 * local.gauge_period / 60} minutes: nothing is repaired, and the alarms on gauges say nothing. Look at the rule ${var.name}-reconcile and at the log of stream-trigger. See docs/runbook.md#gauges-missing."
  namespace           = var.metrics_namespace
  metric_name         = "SlotsInUse"
  dimensions          = local.pool
  statistic           = "SampleCount"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = local.gauge_period
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  treat_missing_data  = "breaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "counter" {
  for_each = var.enable_alarms ? local.counter_alarms : {}

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} See docs/runbook.md#${each.key}."
  namespace           = var.metrics_namespace
  metric_name         = each.value.metric
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "requests_failed" {
  count = var.enable_alarms ? 1 : 0

  alarm_name          = "${var.name}-requests-failed"
  alarm_description   = "Requests ended without an account: ${var.failed_requests_alarm_count} or more in 5 minutes. Read the ErrorMessage of each; most are faults of the input. See docs/runbook.md#requests-failed."
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
  alarm_description   = "The API answered 5xx, ${var.api_5xx_alarm_count} times or more in 5 minutes. Find the request ids in the access log, then their errors in the log of api. See docs/runbook.md#api-5xx."
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
  alarm_description   = "One response of the API in a hundred takes longer than ${var.api_latency_alarm_ms} ms. Compare duration and throttles of api and authorizer on the dashboard. See docs/runbook.md#api-latency."
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
