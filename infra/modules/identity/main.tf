# Who may call the API: people in groups, and one client for machines.

resource "aws_cognito_user_pool" "this" {
  name                = var.name
  deletion_protection = var.deletion_protection ? "ACTIVE" : "INACTIVE"

  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  mfa_configuration        = var.mfa_configuration

  username_configuration {
    case_sensitive = false
  }

  password_policy {
    minimum_length                   = 14
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = true
    require_uppercase                = true
    temporary_password_validity_days = 3
  }

  # Cognito refuses a factor beside OFF ("can't turn off MFA and configure an MFA together").
  dynamic "software_token_mfa_configuration" {
    for_each = var.mfa_configuration == "OFF" ? [] : [1]

    content {
      enabled = true
    }
  }

  # Nobody signs up; operators make users (README).
  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }
}

resource "aws_cognito_user_group" "this" {
  for_each = {
    Administrators = "Ask for accounts, and see every request."
    Readers        = "See every request."
  }

  name         = each.key
  description  = each.value
  user_pool_id = aws_cognito_user_pool.this.id
}

# People. No secret: it could not be kept on their machines.
resource "aws_cognito_user_pool_client" "people" {
  name         = "${var.name}-people"
  user_pool_id = aws_cognito_user_pool.this.id

  generate_secret = false
  # A password travels only in SRP, or in a call that an operator signs with AWS credentials.
  explicit_auth_flows           = ["ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true

  access_token_validity  = var.access_token_minutes
  id_token_validity      = var.access_token_minutes
  refresh_token_validity = var.refresh_token_hours

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "hours"
  }
}

resource "aws_cognito_resource_server" "accounts" {
  user_pool_id = aws_cognito_user_pool.this.id
  identifier   = "accounts"
  name         = "Account factory"

  scope {
    scope_name        = "read"
    scope_description = "See every request."
  }

  scope {
    scope_name        = "write"
    scope_description = "Ask for accounts, and see every request."
  }
}

# Where machines get their tokens.
resource "aws_cognito_user_pool_domain" "this" {
  domain       = var.domain_prefix
  user_pool_id = aws_cognito_user_pool.this.id
}

# Machines. Through CloudFormation, because aws_cognito_user_pool_client writes the client's secret into the state;
# a stack keeps it in Cognito alone, and gives away the id.
resource "aws_cloudformation_stack" "machine_client" {
  #checkov:skip=CKV_AWS_124:A stack of one client that changes once a year; Terraform waits for it and says how it ended.
  name = "${var.name}-machine-client"

  parameters = {
    UserPoolId         = aws_cognito_user_pool.this.id
    AccessTokenMinutes = var.access_token_minutes
  }

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "The client by which machines get tokens. Its secret is read with: aws cognito-idp describe-user-pool-client."
    Parameters = {
      UserPoolId         = { Type = "String" }
      AccessTokenMinutes = { Type = "Number" }
    }
    Resources = {
      Client = {
        Type = "AWS::Cognito::UserPoolClient"
        Properties = {
          ClientName                      = "${var.name}-machine"
          UserPoolId                      = { Ref = "UserPoolId" }
          GenerateSecret                  = true
          AllowedOAuthFlowsUserPoolClient = true
          AllowedOAuthFlows               = ["client_credentials"]
          AllowedOAuthScopes              = var.machine_scopes
          # It signs nobody in; without a list Cognito would add flows that do.
          ExplicitAuthFlows          = ["ALLOW_REFRESH_TOKEN_AUTH"]
          EnableTokenRevocation      = true
          PreventUserExistenceErrors = "ENABLED"
          AccessTokenValidity        = { Ref = "AccessTokenMinutes" }
          TokenValidityUnits         = { AccessToken = "minutes" }
        }
      }
    }
    Outputs = {
      ClientId = { Value = { Ref = "Client" } }
    }
  })

  depends_on = [aws_cognito_resource_server.accounts]
}
