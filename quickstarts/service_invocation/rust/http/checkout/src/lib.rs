//! Sends orders to the app `order-processor`, whose address it does not know: it asks its own sidecar, and names the
//! app in a header.

use std::env;
use std::thread;
use std::time::Duration;

use serde_json::json;
use ureq::Agent;

/// Where orders go, how many, and how fast.
pub struct Checkout {
    /// The address of checkout's own sidecar.
    pub sidecar: String,
    /// How many orders are sent; 0 for no end.
    pub orders: u32,
    /// The time between two orders.
    pub pause: Duration,
}

impl Checkout {
    /// Twenty orders, 100 ms apart, through the sidecar that the environment names. `ORDER_PAUSE_MS` changes the pause.
    ///
    /// # Errors
    /// When `ORDER_PAUSE_MS` is no number.
    pub fn from_env() -> Result<Self, String> {
        let host = env::var("DAPR_HOST").unwrap_or_else(|_| "http://localhost".to_owned());
        let port = env::var("DAPR_HTTP_PORT").unwrap_or_else(|_| "3500".to_owned());
        let pause = env::var("ORDER_PAUSE_MS").unwrap_or_else(|_| "100".to_owned());
        let pause = pause.parse().map_err(|_| format!("ORDER_PAUSE_MS is `{pause}`: write milliseconds"))?;
        Ok(Self { sidecar: format!("{host}:{port}"), orders: 20, pause: Duration::from_millis(pause) })
    }

    /// Sends the orders one after the other, prints what came of each, and tells how many failed.
    pub fn run(&self) -> u32 {
        // A status of 4xx or 5xx is an answer whose body says what is wrong. A proxy of the environment is for the
        // internet; the sidecar is on this machine.
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let mut failed = 0;
        for order_id in 1.. {
            match self.send(&agent, order_id) {
                Ok(answer) => println!("Order passed: {answer}"),
                Err(reason) => {
                    eprintln!("Order {order_id} failed: {reason}");
                    failed += 1;
                }
            }
            if order_id == self.orders {
                break;
            }
            thread::sleep(self.pause);
        }
        failed
    }

    fn send(&self, agent: &Agent, order_id: u32) -> Result<String, String> {
        let url = format!("{}/orders", self.sidecar);
        let mut response = agent
            .post(&url)
            .header("dapr-app-id", "order-processor")
            .content_type("application/json")
            .send(json!({ "orderId": order_id }).to_string())
            .map_err(|error| format!("{url}: {error}"))?;
        let body = response.body_mut().read_to_string().map_err(|error| format!("{url}: {error}"))?;
        let status = response.status();
        if status.is_success() { Ok(body) } else { Err(format!("{status}: {body}")) }
    }
}
