# The front door: routes, authorizer, limits, log, and the name it stands under.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment  = "dev"
  aws_region   = "us-east-1"
  packages_dir = "tests/packages"
}

run "the_authorizers_cache_key_holds_the_token_and_the_route" {
  command = plan

  assert {
    condition     = toset(module.api.identity_sources) == toset(["$request.header.Authorization", "$context.routeKey"])
    error_message = "A verdict on one route would serve another: ${join(", ", module.api.identity_sources)}."
  }
}

run "every_route_but_health_is_authorized" {
  command = plan

  assert {
    condition = module.api.authorization == {
      "POST /createAccount"                = "CUSTOM"
      "GET /getAccount"                    = "CUSTOM"
      "GET /requests/{requestId}"          = "CUSTOM"
      "GET /accounts/{account}/requests"   = "CUSTOM"
      "POST /requests/{requestId}/resolve" = "CUSTOM"
      "GET /health"                        = "NONE"
    }
    error_message = "The routes are ${jsonencode(module.api.authorization)}."
  }
}

run "the_stage_keeps_its_limits_and_lets_no_other_origin_in" {
  command = plan

  variables {
    throttling_burst_limit = 10
    throttling_rate_limit  = 5
  }

  assert {
    condition     = module.api.stage == "$default" && module.api.throttling == { burst = 10, rate = 5 }
    error_message = "The stage does not keep to its limits."
  }

  assert {
    condition     = length(module.api.cors) == 0
    error_message = "CORS is open without an origin."
  }
}

run "the_access_log_has_the_route_the_status_and_the_caller_and_no_person" {
  command = plan

  assert {
    condition     = jsondecode(module.api.access_log).routeKey == "$context.routeKey" && jsondecode(module.api.access_log).status == "$context.status"
    error_message = "A line of the access log lacks the route or the status."
  }

  assert {
    condition = (
      try(jsondecode(module.api.access_log).subject, "") == "$context.authorizer.subject" &&
      try(jsondecode(module.api.access_log).clientId, "") == "$context.authorizer.clientId"
    )
    error_message = "A line of the access log does not say who called."
  }

  # Path and query can hold an e-mail address; a header is a token; the authorizer's name is a person's.
  assert {
    condition = !anytrue([
      for part in ["querystring", "request.", "claims", "path", "Path", "authorizer.name", "authorizer.groups", "email"] :
      strcontains(module.api.access_log, part)
    ])
    error_message = "The access log keeps what it should not know: ${module.api.access_log}."
  }
}

run "named_origins_may_send_what_the_api_reads" {
  command = plan

  variables {
    cors_allow_origins = ["https://portal.example.com"]
  }

  assert {
    condition     = one(module.api.cors).allow_origins == toset(["https://portal.example.com"])
    error_message = "Another origin is let in."
  }

  assert {
    condition     = one(module.api.cors).allow_headers == toset(["authorization", "content-type", "idempotency-key"])
    error_message = "A page cannot send a token or an idempotency key."
  }
}

run "only_this_api_and_these_rules_invoke_its_functions" {
  command = apply

  assert {
    condition = toset(module.api.invokers) == toset([
      "arn:aws:execute-api:us-east-1:123456789012:abcdef/authorizers/xyz",
      "arn:aws:execute-api:us-east-1:123456789012:abcdef/*/POST/createAccount",
      "arn:aws:execute-api:us-east-1:123456789012:abcdef/*/GET/getAccount",
      "arn:aws:execute-api:us-east-1:123456789012:abcdef/*/GET/requests/*",
      "arn:aws:execute-api:us-east-1:123456789012:abcdef/*/GET/accounts/*/requests",
      "arn:aws:execute-api:us-east-1:123456789012:abcdef/*/POST/requests/*/resolve",
      "arn:aws:execute-api:us-east-1:123456789012:abcdef/*/GET/health",
    ])
    error_message = "The functions may be invoked by ${join(", ", module.api.invokers)}."
  }

  assert {
    condition     = toset([module.reconcile.invoker, module.execution_ended.invoker]) == toset([module.reconcile.arn, module.execution_ended.arn])
    error_message = "A function may be invoked by another rule than its own."
  }
}

run "the_authorizer_accepts_the_tokens_of_both_clients_of_this_pool" {
  command = apply

  assert {
    condition     = module.function["authorizer"].environment["ISSUER"] == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
    error_message = "The authorizer trusts another issuer."
  }

  assert {
    condition     = module.function["authorizer"].environment["AUDIENCE"] == "people,machine"
    error_message = "The authorizer accepts the tokens of other clients."
  }

  assert {
    condition     = !contains(keys(module.function["authorizer"].environment), "JWKS_URL")
    error_message = "The keys of tokens are not fetched from the pool."
  }
}

run "a_custom_domain_brings_certificate_record_and_address" {
  command = apply

  variables {
    custom_domain_name = "accounts.example.com"
    route53_zone_id    = "Z0123456789ABC"
  }

  assert {
    condition     = output.api_endpoint == "https://accounts.example.com"
    error_message = "The address is ${output.api_endpoint}."
  }

  assert {
    condition     = module.custom_domain[0].certificates_made == 1 && module.custom_domain[0].security_policy == "TLS_1_2"
    error_message = "There is no certificate, or an old TLS is spoken."
  }

  assert {
    condition     = toset(module.custom_domain[0].records) == toset(["A", "AAAA"])
    error_message = "The name does not lead to the API."
  }
}
