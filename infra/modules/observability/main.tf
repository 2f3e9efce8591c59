# The dashboard: requests first, then the services that process them.

locals {
  statuses = ["Requested", "Valid", "InProgress", "Provisioned", "Failed"]

  # The gauges of the pool, and the dimension that they have.
  gauges = {
    for metric in [
      "WaitingRequests", "ParkedRequests", "SlotsInUse", "SlotsNotOverdue", "OldestWaitingSeconds",
      "OldestInProgressSeconds", "OverdueRequests", "PoolPaused",
    ] : metric => [var.metrics_namespace, metric, "Pool", local.pool.Pool, {}]
  }

  # Each widget is a title, what it draws, and how.
  widgets = [
    {
      title   = "Status changes of requests, by new status", stat = "Sum", stacked = true
      metrics = [for status in local.statuses : [var.metrics_namespace, "Requests", "Status", status, {}]]
    },
    {
      title   = "Waiting and parked requests (100 means 100 or more)", stat = "Maximum", stacked = true
      metrics = [local.gauges.WaitingRequests, local.gauges.ParkedRequests]
    },
    {
      title   = "Slots in use; slots that no overdue operation holds", stat = "Maximum", stacked = false
      metrics = [local.gauges.SlotsInUse, local.gauges.SlotsNotOverdue]
    },
    {
      title   = "Age of the oldest request, waiting and in progress, seconds", stat = "Maximum", stacked = false
      metrics = [local.gauges.OldestWaitingSeconds, local.gauges.OldestInProgressSeconds]
    },
    {
      title   = "Overdue requests; pool paused (1)", stat = "Maximum", stacked = false
      metrics = [local.gauges.OverdueRequests, local.gauges.PoolPaused]
    },
    {
      title = "For an operator: long-parked requests, unexpected accounts, inconsistencies", stat = "Sum", stacked = false
      metrics = [
        for metric in ["LongParkedRequests", "UnexpectedAccounts", "Inconsistencies"] : [var.metrics_namespace, metric, {}]
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
