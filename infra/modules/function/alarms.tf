# The suffix of an alarm's name is its entry in docs/runbook.md.

locals {
  alarms = {
    errors = {
      description = "The function ${var.function} fails: ${var.errors_alarm.threshold} errors or more in 5 minutes, ${var.errors_alarm.periods} times in a row."
      metric      = "Errors"
      statistic   = "Sum"
      percentile  = null
      threshold   = var.errors_alarm.threshold
      periods     = var.errors_alarm.periods
    }
    throttles = {
      description = "The function ${var.function} is throttled: its concurrency, or the account's, is used up."
      metric      = "Throttles"
      statistic   = "Sum"
      percentile  = null
      threshold   = 1
      periods     = 1
    }
    duration = {
      description = "The function ${var.function} takes more than ${var.duration_alarm_percent} % of its timeout (99th percentile)."
      metric      = "Duration"
      statistic   = null
      percentile  = "p99"
      threshold   = var.timeout * 10 * var.duration_alarm_percent
      periods     = 3
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.enable_alarms ? local.alarms : {}

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} See docs/runbook.md#${var.function}-${each.key}."
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = each.value.statistic
  extended_statistic  = each.value.percentile
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
