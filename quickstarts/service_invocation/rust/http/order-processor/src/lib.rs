//! Takes orders over HTTP. Nothing in here knows of Dapr: the sidecar calls it as any client would.

use axum::Json;
use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::routing::post;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// The port that the run file names as `appPort`.
pub const PORT: u16 = 6001;

/// What checkout orders.
#[derive(Serialize, Deserialize)]
pub struct Order {
    /// The number of the order.
    #[serde(rename = "orderId")]
    pub order_id: u32,
}

/// The routes of the service.
pub fn router() -> Router {
    Router::new().route("/orders", post(receive))
}

/// Serves until the process ends.
///
/// # Errors
/// When the port is taken.
pub async fn serve(port: u16) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router()).await
}

/// Prints an order and sends it back. A body that is no order is refused by axum with a 4xx that says why.
async fn receive(order: Result<Json<Order>, JsonRejection>) -> Result<Json<Order>, JsonRejection> {
    let order = order.inspect_err(|refusal| eprintln!("Order refused: {refusal}"))?;
    println!("Order received: {}", serde_json::json!(*order));
    Ok(order)
}
