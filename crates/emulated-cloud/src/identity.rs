//! People and machines that sign in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::emulator::{Emulator, Service};
use crate::error::{CloudError, While};

/// A user pool and one of its clients.
#[derive(Clone, Debug)]
pub struct Identity {
    emulator: Emulator,
    pool: String,
    client: String,
}

impl Identity {
    /// The client of a pool that people sign in by.
    pub fn new(emulator: &Emulator, pool: &str, client: &str) -> Self {
        Self { emulator: emulator.clone(), pool: pool.to_owned(), client: client.to_owned() }
    }

    /// Makes a person with a password for good, in these groups, as an operator would.
    ///
    /// # Errors
    /// The pool refuses.
    pub async fn create_person(
        &self,
        email: &str,
        password: &str,
        groups: &[&str],
    ) -> Result<(), CloudError> {
        let named = |more: Value| {
            let mut body = json!({ "UserPoolId": self.pool, "Username": email });
            if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
                body.extend(more);
            }
            body
        };
        let attributes =
            json!([{ "Name": "email", "Value": email }, { "Name": "email_verified", "Value": "true" }]);
        // The password a first time: the one that MiniStack would invent breaks the pool's rules.
        let created = named(json!({
            "UserAttributes": attributes, "MessageAction": "SUPPRESS", "TemporaryPassword": password,
        }));
        self.call("AdminCreateUser", &created).await?;
        let password = named(json!({ "Password": password, "Permanent": true }));
        self.call("AdminSetUserPassword", &password).await?;
        for group in groups {
            self.call("AdminAddUserToGroup", &named(json!({ "GroupName": group }))).await?;
        }
        Ok(())
    }

    /// Signs a person in, as an operator may; the access token.
    ///
    /// # Errors
    /// The pool refuses, or asks for more than the password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<String, CloudError> {
        let body = json!({
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "UserPoolId": self.pool,
            "ClientId": self.client,
            "AuthParameters": { "USERNAME": email, "PASSWORD": password },
        });
        let answer = self.call("AdminInitiateAuth", &body).await?;
        text(&answer, "/AuthenticationResult/AccessToken")
    }

    /// Signs a machine in by the secret of its client (`client_credentials`); the access token.
    ///
    /// # Errors
    /// The client has no secret, or the token endpoint refuses.
    pub async fn sign_in_machine(&self, client: &str, scope: &str) -> Result<String, CloudError> {
        let described = json!({ "UserPoolId": self.pool, "ClientId": client });
        let described = self.call("DescribeUserPoolClient", &described).await?;
        let secret = text(&described, "/UserPoolClient/ClientSecret")?;
        let answer = self
            .emulator
            .http()
            .post(format!("{}/oauth2/token", self.emulator.address()))
            .header("authorization", format!("Basic {}", STANDARD.encode(format!("{client}:{secret}"))))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("grant_type=client_credentials&scope={scope}"))
            .send()
            .await
            .or_cloud("the token endpoint does not answer")?;
        let answer: Value = answer.json().await.or_cloud("the token endpoint does not answer in JSON")?;
        text(&answer, "/access_token")
    }

    async fn call(&self, operation: &str, body: &Value) -> Result<Value, CloudError> {
        self.emulator.json(Service::COGNITO, operation, body).await
    }
}

fn text(answer: &Value, pointer: &str) -> Result<String, CloudError> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| CloudError::new(format!("no {pointer} in an answer"), answer.to_string()))
}
