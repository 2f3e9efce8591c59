output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "dashboard_body" {
  description = "What the dashboard shows, as JSON."
  value       = aws_cloudwatch_dashboard.this.dashboard_body
}

locals {
  alarms = concat(
    values(aws_cloudwatch_metric_alarm.gauge),
    values(aws_cloudwatch_metric_alarm.counter),
    aws_cloudwatch_metric_alarm.gauges_missing,
    aws_cloudwatch_metric_alarm.requests_failed,
    aws_cloudwatch_metric_alarm.api_5xx,
    aws_cloudwatch_metric_alarm.api_latency,
  )
}

output "alarms" {
  description = "The alarms: name to description."
  value       = { for alarm in local.alarms : alarm.alarm_name => alarm.alarm_description }
}

output "alarm_rules" {
  description = "When each alarm is raised, by what follows the prefix of its name."
  value = {
    for alarm in local.alarms : trimprefix(alarm.alarm_name, "${var.name}-") => {
      metric     = alarm.metric_name
      dimensions = alarm.dimensions == null ? {} : alarm.dimensions
      statistic  = alarm.statistic
      comparison = alarm.comparison_operator
      threshold  = alarm.threshold
      period     = alarm.period
      periods    = alarm.evaluation_periods
      missing    = alarm.treat_missing_data
    }
  }
}
