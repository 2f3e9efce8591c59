output "arn" {
  description = "ARN of the state machine."
  value       = aws_sfn_state_machine.this.arn
}

output "name" {
  description = "Name of the state machine."
  value       = aws_sfn_state_machine.this.name
}

output "type" {
  description = "Kind of the state machine."
  value       = aws_sfn_state_machine.this.type
}

output "definition" {
  description = "The state machine, in Amazon States Language."
  value       = aws_sfn_state_machine.this.definition
}

output "policy" {
  description = "What the state machine may do, as JSON."
  value       = local.policy
}

output "logging" {
  description = "What of an execution is logged."
  value       = one(aws_sfn_state_machine.this.logging_configuration)
}

output "tracing" {
  description = "Whether X-Ray follows executions."
  value       = one(aws_sfn_state_machine.this.tracing_configuration).enabled
}

output "alarms" {
  description = "The alarms: name to description."
  value       = { for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => alarm.alarm_description }
}
