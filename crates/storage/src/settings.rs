//! Single values that have no table of their own.

use crate::{Result, Store, Weight};

impl Store {
    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        const SELECT: &str = "SELECT value FROM settings WHERE key = ?";
        Ok(sqlx::query_scalar(SELECT)
            .bind(key)
            .fetch_optional(self.reader())
            .await?)
    }

    pub async fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        const SET: &str = "INSERT INTO settings (key, value) VALUES (?, ?)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(SET).bind(key).bind(value).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }
}
