# The dashboard: requests first, then what carries them.

locals {
  statuses      = ["Requested", "Valid", "InProgress", "Provisioned", "Failed"]
  open_statuses = slice(local.statuses, 0, 3)

  # Each widget is a title, what it draws, and how.
  widgets = [
    {
      title   = "Requests that moved, by the status they reached", stat = "Sum", stacked = true
      metrics = [for status in local.statuses : [var.metrics_namespace, "Requests", "Status", status, {}]]
    },
    {
      title   = "Open requests", stat = "Maximum", stacked = true
      metrics = [for status in local.open_statuses : [var.metrics_namespace, "OpenRequests", "Status", status, {}]]
    },
    {
      title   = "Slots of the landing zone in use", stat = "Maximum", stacked = false
      metrics = [[var.metrics_namespace, "SlotsInUse", {}]]
    },
    {
      title = "Age of the oldest waiting request, seconds", stat = "Maximum", stacked = false
      metrics = [
        for status in local.open_statuses : [var.metrics_namespace, "OldestRequestSeconds", "Status", status, {}]
      ]
    },
    {
      title = "Time from request to end, seconds", stat = "p50", stacked = false
      metrics = [
        for pair in setproduct(["Provisioned", "Failed"], ["p50", "p99"]) :
        [var.metrics_namespace, "SecondsToEnd", "Status", pair[0], { stat = pair[1], label = "${pair[0]} ${pair[1]}" }]
      ]
    },
    {
      title   = "API: requests and errors", stat = "Sum", stacked = false
      metrics = [for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", var.api_id, {}]]
    },
    {
      title = "API: latency, ms", stat = "p50", stacked = false
      metrics = [
        for stat in ["p50", "p90", "p99"] : ["AWS/ApiGateway", "Latency", "ApiId", var.api_id, { stat = stat, label = stat }]
      ]
    },
    {
      title   = "Functions: duration (p99), ms", stat = "p99", stacked = false
      metrics = [for key, name in var.function_names : ["AWS/Lambda", "Duration", "FunctionName", name, { label = key }]]
    },
    {
      title   = "Functions: errors", stat = "Sum", stacked = true
      metrics = [for key, name in var.function_names : ["AWS/Lambda", "Errors", "FunctionName", name, { label = key }]]
    },
    {
      title   = "Functions: throttles", stat = "Sum", stacked = true
      metrics = [for key, name in var.function_names : ["AWS/Lambda", "Throttles", "FunctionName", name, { label = key }]]
    },
    {
      title = "Executions", stat = "Sum", stacked = false
      metrics = [
        for metric in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"] :
        ["AWS/States", metric, "StateMachineArn", var.state_machine_arn, {}]
      ]
    },
    {
      title = "Stream: age of the oldest record, ms; dead letters", stat = "Maximum", stacked = false
      metrics = [
        ["AWS/Lambda", "IteratorAge", "FunctionName", var.function_names["stream-trigger"], {}],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.dead_letter_queue_name, { yAxis = "right" }],
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [
      for index, widget in local.widgets : {
        type   = "metric"
        x      = (index % 3) * 8
        y      = floor(index / 3) * 6
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          region  = var.place.region
          view    = "timeSeries"
          stacked = widget.stacked
          stat    = widget.stat
          period  = 300
          metrics = widget.metrics
        }
      }
    ]
  })
}
