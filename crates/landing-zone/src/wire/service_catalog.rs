//! The actions of AWS Service Catalog.

use crate::wire::action::Action;
use crate::wire::portfolio::{associate_principal, disassociate_principal, list_principals};
use crate::wire::products::{
    describe_product, describe_product_as_admin, list_artifacts, list_launch_paths, search_products,
};
use crate::wire::provision::provision_product;
use crate::wire::provisioned_products::{
    describe_provisioned_product, describe_record, scan_provisioned_products, search_provisioned_products,
};

/// The action of this name.
pub(crate) fn action(name: &str) -> Option<Action> {
    Some(match name {
        "SearchProductsAsAdmin" => search_products,
        "DescribeProductAsAdmin" => describe_product_as_admin,
        "DescribeProduct" => describe_product,
        "ListProvisioningArtifacts" => list_artifacts,
        "ListLaunchPaths" => list_launch_paths,
        "AssociatePrincipalWithPortfolio" => associate_principal,
        "DisassociatePrincipalFromPortfolio" => disassociate_principal,
        "ListPrincipalsForPortfolio" => list_principals,
        "ProvisionProduct" => provision_product,
        "DescribeRecord" => describe_record,
        "DescribeProvisionedProduct" => describe_provisioned_product,
        "SearchProvisionedProducts" => search_provisioned_products,
        "ScanProvisionedProducts" => scan_provisioned_products,
        _ => return None,
    })
}
