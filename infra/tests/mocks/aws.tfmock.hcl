# The account that the tests plan for. Nothing of AWS is asked.

mock_data "aws_caller_identity" {
  defaults = {
    account_id = "123456789012"
  }
}

mock_data "aws_partition" {
  defaults = {
    partition  = "aws"
    dns_suffix = "amazonaws.com"
  }
}

# What only AWS knows of a resource, in the form that the next one takes.

mock_resource "aws_iam_role" {
  defaults = {
    arn = "arn:aws:iam::123456789012:role/mock"
  }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn        = "arn:aws:lambda:us-east-1:123456789012:function:mock"
    invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/mock/invocations"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock"
  }
}

mock_resource "aws_kms_key" {
  defaults = {
    arn = "arn:aws:kms:us-east-1:123456789012:key/mock"
  }
}

mock_resource "aws_sns_topic" {
  defaults = {
    arn = "arn:aws:sns:us-east-1:123456789012:mock"
  }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:us-east-1:123456789012:account-factory-dev-dead-letters"
    id  = "https://sqs.us-east-1.amazonaws.com/123456789012/account-factory-dev-dead-letters"
  }
}

mock_resource "aws_dynamodb_table" {
  defaults = {
    arn        = "arn:aws:dynamodb:us-east-1:123456789012:table/mock"
    stream_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/mock/stream/2026-01-01T00:00:00.000"
  }
}

mock_resource "aws_sfn_state_machine" {
  defaults = {
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:mock"
  }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = {
    arn = "arn:aws:events:us-east-1:123456789012:rule/mock"
  }
}

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    id            = "abcdef"
    api_endpoint  = "https://abcdef.execute-api.us-east-1.amazonaws.com"
    execution_arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef"
  }
}

mock_resource "aws_apigatewayv2_authorizer" {
  defaults = {
    id = "xyz"
  }
}

mock_resource "aws_apigatewayv2_domain_name" {
  defaults = {
    domain_name_configuration = {
      target_domain_name = "d-1.execute-api.us-east-1.amazonaws.com"
      hosted_zone_id     = "Z1"
    }
  }
}

mock_resource "aws_acm_certificate" {
  defaults = {
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/mock"
    domain_validation_options = [{
      domain_name           = "accounts.example.com"
      resource_record_name  = "_1.accounts.example.com"
      resource_record_type  = "CNAME"
      resource_record_value = "_2.acm-validations.aws"
    }]
  }
}

mock_resource "aws_acm_certificate_validation" {
  defaults = {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/mock"
  }
}

mock_resource "aws_cognito_user_pool" {
  defaults = {
    id       = "us-east-1_pool"
    arn      = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_pool"
    endpoint = "cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
  }
}

mock_resource "aws_cognito_user_pool_client" {
  defaults = {
    id = "people"
  }
}

mock_resource "aws_cloudformation_stack" {
  defaults = {
    outputs = { ClientId = "machine" }
  }
}
