//! API keys, of which only the hash is stored.

use domain::{ApiKeyId, Role};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::SqliteConnection;

use crate::{
    Result, Store, StoreError, Weight,
    columns::{moment, moment_opt},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    pub role: Role,
    /// Its last characters, to tell it from others.
    pub hint: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    role: String,
    hint: String,
    created_at: i64,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl Store {
    /// `hash` is the SHA-256 of the key.
    pub async fn add_key(
        &self,
        name: &str,
        role: Role,
        hash: &[u8; 32],
        hint: &str,
        now: Timestamp,
    ) -> Result<ApiKeyId> {
        const INSERT: &str =
            "INSERT INTO api_keys (name, role, hash, hint, created_at) VALUES (?, ?, ?, ?, ?)
            RETURNING id";
        let (name, hash, hint) = (name.to_owned(), hash.to_vec(), hint.to_owned());
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let id: i64 = sqlx::query_scalar(INSERT)
                    .bind(name)
                    .bind(role.as_str())
                    .bind(hash)
                    .bind(hint)
                    .bind(now.as_millisecond())
                    .fetch_one(conn)
                    .await?;
                Ok(ApiKeyId(id))
            })
        })
        .await
    }

    /// All of them, also the revoked ones, oldest first.
    pub async fn keys(&self) -> Result<Vec<ApiKey>> {
        const SELECT: &str = "SELECT id, name, role, hint, created_at, last_used_at, revoked_at
            FROM api_keys ORDER BY id";
        let rows: Vec<Row> = sqlx::query_as(SELECT).fetch_all(self.reader()).await?;
        rows.into_iter().map(ApiKey::try_from).collect()
    }

    /// The key with this SHA-256, unless it was revoked.
    pub async fn key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        const SELECT: &str = "SELECT id, name, role, hint, created_at, last_used_at, revoked_at
            FROM api_keys WHERE hash = ? AND revoked_at IS NULL";
        let row: Option<Row> = sqlx::query_as(SELECT)
            .bind(hash.as_slice())
            .fetch_optional(self.reader())
            .await?;
        row.map(ApiKey::try_from).transpose()
    }

    /// Notes that a key was used.
    pub async fn touch_key(&self, id: ApiKeyId, now: Timestamp) -> Result<()> {
        const TOUCH: &str = "UPDATE api_keys SET last_used_at = ? WHERE id = ?";
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                sqlx::query(TOUCH)
                    .bind(now.as_millisecond())
                    .bind(id.0)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Makes the key with this number or name useless. `NotFound` when there is none that is still good, `Conflict` when
    /// several have the name.
    pub async fn revoke_key(&self, number_or_name: &str, now: Timestamp) -> Result<ApiKey> {
        let wanted = number_or_name.trim().to_owned();
        self.write(Weight::LIGHT, move |conn| {
            Box::pin(async move { revoke(conn, &wanted, now).await })
        })
        .await
    }
}

async fn revoke(conn: &mut SqliteConnection, wanted: &str, now: Timestamp) -> Result<ApiKey> {
    // A number is a number first, also where somebody gave a key a number as its name.
    const FIND: &str =
        "SELECT id, name, role, hint, created_at, last_used_at, revoked_at FROM api_keys
        WHERE revoked_at IS NULL AND (id = ?1 OR (name = ?2 AND NOT EXISTS (
            SELECT 1 FROM api_keys k WHERE k.id = ?1 AND k.revoked_at IS NULL)))
        ORDER BY id";
    const REVOKE: &str = "UPDATE api_keys SET revoked_at = ? WHERE id = ?";
    let found: Vec<Row> = sqlx::query_as(FIND)
        .bind(wanted.parse::<i64>().ok())
        .bind(wanted)
        .fetch_all(&mut *conn)
        .await?;
    let numbers: Vec<_> = found.iter().map(|row| row.id.to_string()).collect();
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (None, _) => Err(StoreError::not_found(format!(
            "no key in use has the number or the name {wanted:?}; `zk-attendance key list` shows them"
        ))),
        (Some(_), Some(_)) => Err(StoreError::conflict(format!(
            "several keys have the name {wanted:?}; say which by its number: {}",
            numbers.join(", ")
        ))),
        (Some(row), None) => {
            sqlx::query(REVOKE)
                .bind(now.as_millisecond())
                .bind(row.id)
                .execute(conn)
                .await?;
            Ok(ApiKey {
                revoked_at: Some(now),
                ..row.try_into()?
            })
        }
    }
}

impl TryFrom<Row> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: ApiKeyId(row.id),
            name: row.name,
            role: row
                .role
                .parse()
                .map_err(|error: domain::RoleError| StoreError::damaged(error.to_string()))?,
            hint: row.hint,
            created_at: moment(row.created_at)?,
            last_used_at: moment_opt(row.last_used_at)?,
            revoked_at: moment_opt(row.revoked_at)?,
        })
    }
}
