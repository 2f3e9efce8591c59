terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 5.100 is what the tests run with; 6 renames nothing that is used here. Which attributes were looked at is
      # in the README of this folder.
      version = ">= 5.100, < 7.0"
    }
  }

  # Bucket, key and region are given at `terraform init` (backend.hcl.example).
  backend "s3" {}
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = merge({
      Project     = "account-factory"
      Environment = var.environment
      ManagedBy   = "terraform"
    }, var.tags)
  }
}
