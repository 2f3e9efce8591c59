output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "ARN of the function, without a version."
  value       = aws_lambda_function.this.arn
}

output "invoke_arn" {
  description = "ARN by which API Gateway invokes the function."
  value       = aws_lambda_function.this.invoke_arn
}

output "role_name" {
  description = "Name of the function's role."
  value       = aws_iam_role.this.name
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "policy" {
  description = "The role's one policy, as JSON."
  value       = aws_iam_role_policy.this.policy
}

output "policy_role" {
  description = "Name of the role that has the policy."
  value       = aws_iam_role_policy.this.role
}

output "log_group_name" {
  description = "Log group of the function."
  value       = aws_cloudwatch_log_group.this.name
}

output "log_retention_days" {
  description = "Days after which its log lines are dropped."
  value       = aws_cloudwatch_log_group.this.retention_in_days
}

output "logging" {
  description = "Format, level and group of the function's log."
  value       = one(aws_lambda_function.this.logging_config)
}

output "tracing_mode" {
  description = "How the function takes part in X-Ray's traces."
  value       = one(aws_lambda_function.this.tracing_config).mode
}

output "timeout" {
  description = "Seconds after which an invocation is ended."
  value       = aws_lambda_function.this.timeout
}

output "environment" {
  description = "The function's settings."
  value       = one(aws_lambda_function.this.environment).variables
}

output "alarms" {
  description = "The function's alarms: name to description."
  value       = { for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => alarm.alarm_description }
}

output "watched" {
  description = "The functions that the alarms watch."
  value       = distinct([for alarm in aws_cloudwatch_metric_alarm.this : alarm.dimensions["FunctionName"]])
}

output "runtime" {
  description = "What the function runs on."
  value = {
    runtime       = aws_lambda_function.this.runtime
    architectures = aws_lambda_function.this.architectures
    memory_size   = aws_lambda_function.this.memory_size
    concurrency   = aws_lambda_function.this.reserved_concurrent_executions
  }
}
