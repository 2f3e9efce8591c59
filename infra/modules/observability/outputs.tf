output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "dashboard_body" {
  description = "What the dashboard shows, as JSON."
  value       = aws_cloudwatch_dashboard.this.dashboard_body
}

output "alarms" {
  description = "The alarms: name to description."
  value = {
    for alarm in concat(
      values(aws_cloudwatch_metric_alarm.request_age),
      aws_cloudwatch_metric_alarm.requests_failed,
      aws_cloudwatch_metric_alarm.api_5xx,
      aws_cloudwatch_metric_alarm.api_latency,
    ) : alarm.alarm_name => alarm.alarm_description
  }
}

output "silence" {
  description = "What each alarm on a gauge makes of a gauge that is silent."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.request_age : key => alarm.treat_missing_data }
}
