// ordo: `tokio_echo tokio PORT`: an echo server on 127.0.0.1, on Tokio. Prints `ready` when it listens.
// SPDX-License-Identifier: BSL-1.0
use std::io::Result;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

async fn echo(mut connection: TcpStream) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    loop {
        match connection.read(&mut buffer).await? {
            0 => return Ok(()),
            size => connection.write_all(&buffer[..size]).await?,
        }
    }
}

async fn serve(port: u16) -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    let listener = socket.listen(4096)?;
    println!("ready");
    loop {
        let (connection, _) = listener.accept().await?;
        tokio::spawn(echo(connection));
    }
}

/// A server of ten thousand connections needs more than the usual limit.
fn allow_many_descriptors() {
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = match &arguments[..] {
        [peer, port] if peer == "tokio" => port.parse().expect("the port is a number"),
        _ => {
            eprintln!("usage: tokio_echo tokio PORT");
            std::process::exit(3);
        }
    };
    allow_many_descriptors();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(port))
}
