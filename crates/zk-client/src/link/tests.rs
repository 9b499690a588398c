use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};

use super::tcp::keep_alive;

#[tokio::test]
async fn the_system_watches_a_connection_on_which_nothing_passes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    assert!(!SockRef::from(&stream).keepalive().unwrap());
    keep_alive(&stream).unwrap();
    assert!(SockRef::from(&stream).keepalive().unwrap());
}
