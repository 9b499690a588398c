//! The moments at which a destination's schedule lets records go.

use domain::DestinationId;
use jiff::Timestamp;

use crate::{Result, Store, Weight};

impl Store {
    /// The moment has come: what the ledger holds by now may go.
    pub async fn begin_run(&self, destination: DestinationId) -> Result<()> {
        const BEGIN: &str =
            "UPDATE destinations SET next_run_at = NULL, run_upto = (SELECT COALESCE(MAX(id), 0) FROM punches)
            WHERE id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(BEGIN).bind(destination.0).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    /// All that might go is gone; the next records go at `next`.
    pub async fn end_run(&self, destination: DestinationId, next: Option<Timestamp>) -> Result<()> {
        const END: &str = "UPDATE destinations SET next_run_at = ?, run_upto = NULL WHERE id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(END)
                    .bind(next.map(Timestamp::as_millisecond))
                    .bind(destination.0)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
