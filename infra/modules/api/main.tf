# The HTTP API: its routes, the authorizer before all of them but one, limits and access log.

locals {
  routes = {
    "POST /createAccount"                = { open = false }
    "GET /getAccount"                    = { open = false }
    "GET /requests/{requestId}"          = { open = false }
    "GET /accounts/{account}/requests"   = { open = false }
    "POST /requests/{requestId}/resolve" = { open = false }
    "GET /health"                        = { open = true }
  }
}

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  description   = "Requests AWS accounts, and shows what became of each request."
  protocol_type = "HTTP"

  dynamic "cors_configuration" {
    for_each = length(var.cors_allow_origins) > 0 ? [1] : []

    content {
      allow_origins  = var.cors_allow_origins
      allow_methods  = ["GET", "POST"]
      allow_headers  = ["authorization", "content-type", "idempotency-key"]
      expose_headers = ["location", "retry-after"]
      max_age        = 300
    }
  }
}

resource "aws_apigatewayv2_authorizer" "this" {
  name            = "${var.name}-authorizer"
  api_id          = aws_apigatewayv2_api.this.id
  authorizer_type = "REQUEST"
  authorizer_uri  = var.authorizer_invoke_arn

  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true

  # The verdict is kept under these. Without the route, a Reader's allowed GET would open POST for as long as the
  # verdict is kept.
  identity_sources                 = ["$request.header.Authorization", "$context.routeKey"]
  authorizer_result_ttl_in_seconds = var.authorizer_cache_seconds
}

resource "aws_apigatewayv2_integration" "this" {
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = var.function_invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:GET /health alone has no authorizer: it says that the service is there, and its version.
  for_each = local.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this.id}"
  authorization_type = each.value.open ? "NONE" : "CUSTOM"
  authorizer_id      = each.value.open ? null : aws_apigatewayv2_authorizer.this.id
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts every group at rest, and no line has a token, a body or a query string.
  name              = "/aws/vendedlogs/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_burst_limit   = var.throttling_burst_limit
    throttling_rate_limit    = var.throttling_rate_limit
  }

  # Who called is an opaque id of the user pool, never an e-mail or a name. Neither path nor query: both can hold an
  # e-mail (/accounts/{account}/requests, ?accountEmail=). The route says what was called.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.this.arn
    format = jsonencode({
      requestId          = "$context.requestId"
      requestTime        = "$context.requestTime"
      sourceIp           = "$context.identity.sourceIp"
      subject            = "$context.authorizer.subject"
      clientId           = "$context.authorizer.clientId"
      userAgent          = "$context.identity.userAgent"
      protocol           = "$context.protocol"
      method             = "$context.httpMethod"
      routeKey           = "$context.routeKey"
      status             = "$context.status"
      responseLength     = "$context.responseLength"
      responseLatency    = "$context.responseLatency"
      integrationLatency = "$context.integrationLatency"
      integrationStatus  = "$context.integration.status"
      integrationError   = "$context.integrationErrorMessage"
      authorizerError    = "$context.authorizer.error"
      error              = "$context.error.message"
    })
  }
}

resource "aws_lambda_permission" "authorizer" {
  statement_id  = "api-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.this.id}"
}

resource "aws_lambda_permission" "route" {
  for_each = local.routes

  statement_id  = "api-${replace(replace(each.key, "/[{}]/", ""), "/[ /]+/", "-")}"
  action        = "lambda:InvokeFunction"
  function_name = var.function_name
  principal     = "apigateway.amazonaws.com"
  # Any stage, this method, this path with any value of its parameters.
  source_arn = "${aws_apigatewayv2_api.this.execution_arn}/*/${replace(replace(each.key, " ", ""), "/\\{[^}]+\\}/", "*")}"
}
