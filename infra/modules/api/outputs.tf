output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "endpoint" {
  description = "Address of the API."
  value       = aws_apigatewayv2_api.this.api_endpoint
}

output "stage" {
  description = "Name of the stage."
  value       = aws_apigatewayv2_stage.this.name
}

output "throttling" {
  description = "How many requests the stage accepts."
  value = {
    burst = one(aws_apigatewayv2_stage.this.default_route_settings).throttling_burst_limit
    rate  = one(aws_apigatewayv2_stage.this.default_route_settings).throttling_rate_limit
  }
}

output "identity_sources" {
  description = "What a kept verdict is kept under."
  value       = aws_apigatewayv2_authorizer.this.identity_sources
}

output "authorization" {
  description = "Each route, and what authorizes it."
  value       = { for key, route in aws_apigatewayv2_route.this : key => route.authorization_type }
}

output "access_log" {
  description = "What a line of the access log holds, as JSON."
  value       = one(aws_apigatewayv2_stage.this.access_log_settings).format
}

output "access_log_retention_days" {
  description = "Days after which access log lines are dropped."
  value       = aws_cloudwatch_log_group.this.retention_in_days
}

output "cors" {
  description = "What pages of other origins may do."
  value       = aws_apigatewayv2_api.this.cors_configuration
}

output "invokers" {
  description = "What may invoke the functions, as source ARNs."
  value = concat(
    [aws_lambda_permission.authorizer.source_arn],
    [for permission in aws_lambda_permission.route : permission.source_arn],
  )
}
