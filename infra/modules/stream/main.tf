# From the table's stream to the function that dispatches requests.

resource "aws_lambda_event_source_mapping" "this" {
  event_source_arn  = var.stream_arn
  function_name     = var.function_arn
  starting_position = "TRIM_HORIZON"
  # Few, as executions are started one after the other: a batch that does not end within the timeout, because Step
  # Functions hangs, is cut in two and tried again.
  batch_size = 10

  # A record that matches one of them invokes the function, which reads the table before it decides anything.
  filter_criteria {
    dynamic "filter" {
      for_each = var.filters

      content {
        pattern = filter.value
      }
    }
  }

  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = var.maximum_retry_attempts
  maximum_record_age_in_seconds      = var.maximum_record_age_seconds
  maximum_batching_window_in_seconds = 0

  destination_config {
    on_failure {
      destination_arn = var.dead_letter_queue_arn
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "lag" {
  count = var.enable_alarms ? 1 : 0

  alarm_name          = "${var.name}-stream-lag"
  alarm_description   = "The oldest record of the table's stream is older than ${var.lag_alarm_seconds} seconds: requests are dispatched by the reconciler alone, minutes late. Look for errors and throttles of stream-trigger. See docs/runbook.md#stream-lag."
  namespace           = "AWS/Lambda"
  metric_name         = "IteratorAge"
  dimensions          = { FunctionName = var.function_name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.lag_alarm_seconds * 1000
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
