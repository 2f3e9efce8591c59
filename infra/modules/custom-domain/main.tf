# A name of one's own for the API. The certificate is made here or brought along, and so is the DNS record.

resource "aws_acm_certificate" "this" {
  count = var.create_certificate ? 1 : 0

  domain_name       = var.domain_name
  validation_method = "DNS"

  # API Gateway does not let go of a certificate before it has the next one.
  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # One name, so one record proves it.
  validation = one([for certificate in aws_acm_certificate.this : one(certificate.domain_validation_options)])
}

resource "aws_route53_record" "validation" {
  count = var.create_certificate ? 1 : 0

  zone_id         = var.zone_id
  name            = local.validation.resource_record_name
  type            = local.validation.resource_record_type
  records         = [local.validation.resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count = var.create_certificate ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [aws_route53_record.validation[0].fqdn]
}

resource "aws_apigatewayv2_domain_name" "this" {
  domain_name = var.domain_name

  domain_name_configuration {
    certificate_arn = var.create_certificate ? aws_acm_certificate_validation.this[0].certificate_arn : var.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  api_id      = var.api_id
  domain_name = aws_apigatewayv2_domain_name.this.id
  stage       = var.stage
}

resource "aws_route53_record" "this" {
  for_each = toset(var.create_record ? ["A", "AAAA"] : [])

  zone_id = var.zone_id
  name    = var.domain_name
  type    = each.value

  alias {
    name                   = one(aws_apigatewayv2_domain_name.this.domain_name_configuration).target_domain_name
    zone_id                = one(aws_apigatewayv2_domain_name.this.domain_name_configuration).hosted_zone_id
    evaluate_target_health = false
  }
}
