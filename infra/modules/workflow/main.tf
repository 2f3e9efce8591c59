# The state machine, from the same file that the fleet on one machine runs.

locals {
  account = var.place.account
  arn     = "arn:${var.place.partition}:states:${var.place.region}:${local.account}:stateMachine:${var.name}"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "InvokeItsFunctions"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = sort(values(var.function_arns))
      },
      {
        # Log deliveries have no resources to name (Step Functions developer guide, "Using CloudWatch Logs to log
        # execution history").
        Sid    = "WriteItsLog"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
          "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
        ]
        Resource = ["*"]
      },
      {
        # Neither has X-Ray.
        Sid    = "WriteTraces"
        Effect = "Allow"
        Action = [
          "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
        ]
        Resource = ["*"]
      },
    ]
  })
}

resource "aws_iam_role" "this" {
  name        = "${var.name}-workflow"
  description = "What the state machine ${var.name} runs as."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = local.arn }
      }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "workflow"
  role   = aws_iam_role.this.name
  policy = local.policy
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts every group at rest, and this one gets no data of executions.
  # Under /aws/vendedlogs/, so that the account's policy for log deliveries does not grow beyond its limit.
  name              = "/aws/vendedlogs/states/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_285:Every event of an execution is logged, but not its data: e-mail addresses belong to the table, not to a log. The history in Step Functions has them, for 90 days.
  name       = var.name
  type       = "STANDARD"
  role_arn   = aws_iam_role.this.arn
  definition = templatefile(var.definition_file, var.function_arns)

  logging_configuration {
    level                  = "ALL"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  depends_on = [aws_iam_role_policy.this]
}

locals {
  alarms = {
    executions-failed    = { metric = "ExecutionsFailed", description = "An execution failed: its outcome could not be written to the table. The reconciler starts the next one; the cause is in the execution's history." }
    executions-timed-out = { metric = "ExecutionsTimedOut", description = "An execution ran into a timeout. The reconciler starts the next one; find the state that took so long." }
    executions-aborted   = { metric = "ExecutionsAborted", description = "Somebody stopped an execution. The reconciler starts the next one: ask who stopped it and why." }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.enable_alarms ? local.alarms : {}

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} See docs/runbook.md#${each.key}."
  namespace           = "AWS/States"
  metric_name         = each.value.metric
  dimensions          = { StateMachineArn = aws_sfn_state_machine.this.arn }
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
