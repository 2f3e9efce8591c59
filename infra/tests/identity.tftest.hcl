# Who may call: rules of passwords and tokens, groups, and the client of machines.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  aws_region   = "us-east-1"
  packages_dir = "tests/packages"
}

run "nobody_signs_up_or_has_a_short_password_and_there_are_two_groups" {
  command = plan

  assert {
    condition     = !module.identity.self_sign_up
    error_message = "Anybody can make a user."
  }

  assert {
    condition     = module.identity.password_policy.minimum_length >= 14
    error_message = "A password may have ${module.identity.password_policy.minimum_length} characters."
  }

  assert {
    condition     = module.identity.groups == ["Administrators", "Readers"]
    error_message = "The groups are ${join(", ", module.identity.groups)}."
  }

  assert {
    condition     = output.token_endpoint == "https://account-factory-dev-123456789012.auth.us-east-1.amazoncognito.com/oauth2/token"
    error_message = "It is ${output.token_endpoint}."
  }
}

run "people_have_no_secret_and_send_no_password_in_the_clear" {
  command = plan

  assert {
    condition     = !module.identity.people_client.generates_secret
    error_message = "The people's client has a secret, which the state would hold."
  }

  assert {
    condition     = !contains(module.identity.people_client.auth_flows, "ALLOW_USER_PASSWORD_AUTH")
    error_message = "Anybody may try passwords without SRP."
  }

  assert {
    condition     = module.identity.people_client.hides_unknown_users && module.identity.people_client.revokes_tokens
    error_message = "The client reveals who exists, or its tokens cannot be revoked."
  }

  assert {
    condition     = module.identity.people_client.access_token_minutes == 60
    error_message = "A token is good for ${module.identity.people_client.access_token_minutes} minutes."
  }
}

run "machines_get_tokens_by_client_credentials_with_the_scopes_that_are_given" {
  command = plan

  variables {
    machine_scopes = ["accounts/read"]
  }

  assert {
    condition = (
      module.identity.machine_client_properties.AllowedOAuthFlows == ["client_credentials"] &&
      module.identity.machine_client_properties.AllowedOAuthScopes == ["accounts/read"]
    )
    error_message = "The machine client may do more than it should."
  }

  assert {
    condition     = module.identity.machine_client_properties.ExplicitAuthFlows == ["ALLOW_REFRESH_TOKEN_AUTH"]
    error_message = "The machine client signs people in."
  }
}

run "there_is_a_second_factor" {
  command = plan

  assert {
    condition     = module.identity.second_factors == 1
    error_message = "Nobody can have a second factor."
  }
}

run "where_nobody_may_have_a_second_factor_the_pool_knows_none" {
  command = plan

  variables {
    mfa_configuration = "OFF"
  }

  assert {
    condition     = module.identity.second_factors == 0
    error_message = "Cognito refuses a pool without second factors that names one."
  }
}
