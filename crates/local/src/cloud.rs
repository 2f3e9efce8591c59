//! The fleet as it is deployed, by its own Terraform, on an emulator of AWS on this machine.

use std::io::{BufRead, Write};
use std::path::Path;

use accounts_emulated_cloud::{Cloud, CloudError, CloudSettings, Packages, Tools, Workspace};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::arguments::EmulatedCloud;
use crate::error::{LocalError, OrLocal};
use crate::{greeting, listener};

/// What the functions are built with: it depends on all of them, so they are the only thing to build.
const BUILT_WITH: &str = "accounts-local";

/// A password that the pool's rules accept; it opens nothing but this emulator.
const PASSWORD: &str = "Correct-Horse-7-Battery-Staple";

/// Those who can sign in: the e-mail, and the group.
const PEOPLE: [(&str, &str); 2] =
    [("administrator@example.com", "Administrators"), ("reader@example.com", "Readers")];

/// Deploys the fleet and keeps it up until a signal stops the process; deploys again at each line of input.
/// Everything it started ends with it.
pub(crate) async fn keep_up(options: EmulatedCloud) -> Result<(), LocalError> {
    tokio::select! {
        kept = deploy_and_keep(&options) => kept,
        () = listener::stop_signal() => print_line("stopping; nothing of it stays"),
    }
}

async fn deploy_and_keep(options: &EmulatedCloud) -> Result<(), LocalError> {
    let workspace = Workspace::here().or_local("there is nothing to deploy")?;
    print_line("looking for Terraform, installing MiniStack unless it is there")?;
    let tools_in = workspace.tools();
    let tools = tokio::task::spawn_blocking(move || Tools::find(&tools_in)).await;
    let tools = tools.or_local("the search for tools crashed")?.or_local("something is missing here")?;
    let settings = CloudSettings {
        infra: workspace.infra(),
        packages: packages(options, &workspace).await?,
        port: options.port,
        poll_seconds: options.poll_seconds,
        provision_seconds: options.provision_seconds,
    };
    print_line("starting MiniStack and the landing zone")?;
    let mut cloud = Cloud::start(&tools, &settings).await.map_err(deploy_error)?;
    print_line("terraform apply: this takes a minute")?;
    cloud.apply().await.map_err(deploy_error)?;
    let identity = cloud.identity().map_err(deploy_error)?;
    for (email, group) in PEOPLE {
        identity.create_person(email, PASSWORD, &[group]).await.map_err(deploy_error)?;
    }
    let mut lines = lines_of_input();
    loop {
        greet(&cloud).await?;
        if lines.recv().await.is_none() {
            // Nobody can ask for more.
            std::future::pending::<()>().await;
        }
        if let Err(error) = redeploy(options, &workspace, &mut cloud).await {
            // What is deployed goes on; whoever broke the code mends it and presses Enter again.
            print_line(&format!("not deployed again: {}", error.chain()))?;
        }
    }
}

async fn redeploy(
    options: &EmulatedCloud,
    workspace: &Workspace,
    cloud: &mut Cloud,
) -> Result<(), LocalError> {
    packages(options, workspace).await?;
    print_line("terraform apply")?;
    cloud.renew(&workspace.infra()).await.map_err(deploy_error)?;
    cloud.apply().await.map_err(deploy_error)
}

async fn packages(options: &EmulatedCloud, workspace: &Workspace) -> Result<Packages, LocalError> {
    if let Some(folder) = &options.packages {
        return Packages::made_in(folder).map_err(deploy_error);
    }
    print_line("building the functions")?;
    let folder = workspace.target().join("emulated-cloud");
    Packages::build(workspace, BUILT_WITH, Path::new(&folder)).await.map_err(deploy_error)
}

/// Says where everything is, with requests to try, and tokens that are new.
async fn greet(cloud: &Cloud) -> Result<(), LocalError> {
    let identity = cloud.identity().map_err(deploy_error)?;
    let mut tokens = Vec::new();
    for (email, _) in PEOPLE {
        tokens.push(identity.sign_in(email, PASSWORD).await.map_err(deploy_error)?);
    }
    let api = cloud.address();
    let output = |name| cloud.output(name).map_err(deploy_error);
    let text = format!(
        "\nThe deployed fleet is ready at {api}\n\n\
         ADMINISTRATOR={administrator}\n\nREADER={reader}\n\n\
         Ask for an account:\n\n\
         curl -i {api}/createAccount \\\n  -H \"Authorization: Bearer $ADMINISTRATOR\" \\\n  -d '{body}'\n\n\
         See what became of it:\n\n\
         curl -s '{api}/getAccount?accountEmail=user@example.com' -H \"Authorization: Bearer $READER\"\n\n\
         The landing zone:  {landing_zone}/local/landing-zone\n\
         Look inside with the AWS CLI, version 2:\n  \
         export AWS_ENDPOINT_URL={emulator} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n  \
         aws dynamodb scan --table-name {table}\n  \
         aws stepfunctions list-executions --state-machine-arn {machine}\n  \
         aws logs tail /aws/lambda/{provision}\n  \
         aws sqs receive-message --endpoint-url {emulator} --queue-url {queue}\n  \
         aws organizations list-accounts --endpoint-url {landing_zone}\n\n\
         Enter builds and deploys again what has changed, and makes new tokens. Ctrl-C removes everything.\n",
        administrator = tokens[0],
        reader = tokens[1],
        body = greeting::BODY,
        landing_zone = cloud.simulator().address(),
        emulator = cloud.emulator().address(),
        table = output("table_name")?,
        machine = output("state_machine_arn")?,
        provision = cloud.function_name("provision").map_err(deploy_error)?,
        queue = output("dead_letter_queue_url")?,
    );
    std::io::stdout().write_all(text.as_bytes()).or_local("the terminal cannot be written")
}

/// A message for each line of the input, until its end.
fn lines_of_input() -> UnboundedReceiver<()> {
    let (sender, receiver) = unbounded_channel();
    // A thread that nobody waits for: a read of a terminal cannot be called off.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if line.is_err() || sender.send(()).is_err() {
                return;
            }
        }
    });
    receiver
}

fn deploy_error(error: CloudError) -> LocalError {
    LocalError::new("the deployed fleet", error.story())
}

fn print_line(line: &str) -> Result<(), LocalError> {
    writeln!(std::io::stdout(), "{line}").or_local("the terminal cannot be written")
}
