output "name" {
  description = "Name of the rule."
  value       = aws_cloudwatch_event_rule.this.name
}

output "arn" {
  description = "ARN of the rule."
  value       = aws_cloudwatch_event_rule.this.arn
}

output "event_pattern" {
  description = "Which events the rule acts on, as JSON."
  value       = aws_cloudwatch_event_rule.this.event_pattern
}

output "schedule_expression" {
  description = "When the rule acts."
  value       = aws_cloudwatch_event_rule.this.schedule_expression
}

output "input" {
  description = "What the function is given instead of the event, as JSON."
  value       = aws_cloudwatch_event_target.this.input
}

output "function_name" {
  description = "Function that the rule invokes."
  value       = aws_lambda_permission.this.function_name
}

output "dead_letter_queue_arn" {
  description = "Queue that gets what could not be delivered."
  value       = one(aws_cloudwatch_event_target.this.dead_letter_config).arn
}

output "invoker" {
  description = "What may invoke the function, as source ARN."
  value       = aws_lambda_permission.this.source_arn
}
