# The queue of what could not be delivered: records of the stream, executions whose end could not be recorded,
# events of EventBridge.

resource "aws_sqs_queue" "this" {
  name                      = var.name
  message_retention_seconds = 14 * 24 * 3600
  kms_master_key_id         = var.kms_key_arn
  # Each data key serves for an hour: fewer calls to KMS.
  kms_data_key_reuse_period_seconds = 3600
}

locals {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.this.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        # The functions send by their own roles; a rule has none.
        Sid       = "RulesLeaveWhatTheyCannotDeliver"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.this.arn
        Condition = { ArnEquals = { "aws:SourceArn" = var.rule_arns } }
      },
    ]
  })
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id
  policy    = local.policy
}

resource "aws_cloudwatch_metric_alarm" "this" {
  count = var.enable_alarms ? 1 : 0

  alarm_name          = var.name
  alarm_description   = "Something could not be delivered and lies in the dead-letter queue. See docs/runbook.md#dead-letters."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.this.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
