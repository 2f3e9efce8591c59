output "endpoint" {
  description = "Address of the API under its own name. It is known only once the name leads there."
  value       = "https://${aws_apigatewayv2_domain_name.this.domain_name}"
  depends_on  = [aws_apigatewayv2_api_mapping.this, aws_route53_record.this]
}

output "target_domain_name" {
  description = "What the name has to point to, where no record is made here."
  value       = one(aws_apigatewayv2_domain_name.this.domain_name_configuration).target_domain_name
}

output "security_policy" {
  description = "Least version of TLS."
  value       = one(aws_apigatewayv2_domain_name.this.domain_name_configuration).security_policy
}

output "certificates_made" {
  description = "How many certificates are made here."
  value       = length(aws_acm_certificate.this)
}

output "records" {
  description = "Kinds of records that make the name point to the API."
  value       = keys(aws_route53_record.this)
}
