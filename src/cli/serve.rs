//! `jalon serve`, and the page of `jalon run --serve`.

use super::{
    CommandError, Exit,
    open::{self, RunChoice},
    operator, output, signals,
};
use crate::{
    page::{self, Access, Desk, Token},
    record::{Language, RunId, messages},
    support::text,
};
use clap::Args;
use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The run. Default: the newest one, and the next one as soon as it begins.
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    listening: Listening,
    #[command(flatten)]
    spoken: output::Spoken,
}

/// Where the page is, and what opens it.
#[derive(Debug, Args)]
pub(super) struct Listening {
    /// Address of the page, on loopback. Port 0 takes a free one. Default: 127.0.0.1:7390.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// File with the token that gives the right to decide, readable by its owner only. Default: a new token, which is
    /// printed.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// File with the token that gives the right to read only.
    #[arg(long, value_name = "FILE")]
    read_token_file: Option<PathBuf>,
    /// Host name of the reverse proxy, with TLS, through which others open the page.
    #[arg(long, value_name = "HOST")]
    behind_proxy: Option<String>,
}

/// The address without a wish for another.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7390);

/// How long the page outlives a run that nobody watches at the terminal: those who have it open see the end.
const LAST: Duration = Duration::from_millis(1500);

/// A page that is served.
pub(super) struct Page {
    desk: Arc<Desk>,
    serving: JoinHandle<()>,
}

messages! {
    area "page address";
    busy(address, cause) => "cannot listen on {address}: {cause}" / "impossible d'écouter sur {address} : {cause}";
    deciding(address) => "page:      {address} (read and decide)" / "page :        {address} (lire et décider)";
    file_is_its_owners() => "write a token of at least 16 characters into a file of mode 0600: `openssl rand -hex 24 > FILE; chmod 600 FILE`" / "écrire un jeton d'au moins 16 caractères dans un fichier de mode 0600 : `openssl rand -hex 24 > FILE; chmod 600 FILE`";
    needs_serve() => "`--listen`, `--token-file`, `--read-token-file` and `--behind-proxy` need `--serve`" / "`--listen`, `--token-file`, `--read-token-file` et `--behind-proxy` demandent `--serve`";
    not_loopback(address) => "{address} is not a loopback address, and the page has no TLS of its own" / "{address} n'est pas une adresse de bouclage, et la page n'a pas de TLS elle-même";
    other_port() => "use another port: `--listen 127.0.0.1:0` takes a free one" / "choisir un autre port : `--listen 127.0.0.1:0` en prend un libre";
    reading(address) => "read-only: {address}" / "lecture seule : {address}";
    stays() => "the page stays up; press Enter or Ctrl-C to end it" / "la page reste ouverte ; Entrée ou Ctrl-C pour la fermer";
    token_in(file) => "           the token is in {file}" / "               le jeton est dans {file}";
    use_proxy() => "listen on 127.0.0.1, put a reverse proxy with TLS in front, and name its host with `--behind-proxy HOST`" / "écouter sur 127.0.0.1, mettre devant un proxy inverse avec TLS, et donner son nom avec `--behind-proxy HOST`";
    with_serve() => "add `--serve`" / "ajouter `--serve`";
}

/// Serves the page until it is asked to end.
pub(super) async fn run(dir: &Path, args: ServeArgs) -> Result<Exit, CommandError> {
    open::learn(dir);
    let only = match args.run {
        Some(run) => Some(open::run_dir(dir, &RunChoice { run: Some(run) })?.run),
        None => None,
    };
    let page = args.listening.begin(dir, only, args.spoken.lang).await?;
    asked_to_end().await;
    drop(page);
    Ok(Exit::Passed)
}

/// Waits for a signal.
async fn asked_to_end() {
    let asked = Arc::new(Notify::new());
    let listening = signals::on_each({
        let asked = Arc::clone(&asked);
        move || asked.notify_one()
    });
    asked.notified().await;
    drop(listening);
}

impl Listening {
    /// The page of a run that is about to begin, where `serve` asks for one.
    pub(super) async fn open(
        &self,
        dir: &Path,
        serve: bool,
        language: Language,
    ) -> Result<Option<Page>, CommandError> {
        let is_given = self.listen.is_some()
            || self.token_file.is_some()
            || self.read_token_file.is_some()
            || self.behind_proxy.is_some();
        match serve {
            true => self.begin(dir, None, language).await.map(Some),
            false if is_given => Err(CommandError::Usage {
                message: needs_serve().in_language(language).into_owned(),
                hint: with_serve().in_language(language).into_owned(),
            }),
            false => Ok(None),
        }
    }

    /// Begins to serve, and tells the address.
    async fn begin(&self, dir: &Path, only: Option<RunId>, language: Language) -> Result<Page, CommandError> {
        let asked = self.listen.unwrap_or(ADDRESS);
        let usage = |message: crate::record::Said, hint: crate::record::Said| CommandError::Usage {
            message: message.in_language(language).into_owned(),
            hint: hint.in_language(language).into_owned(),
        };
        if !asked.ip().is_loopback() {
            return Err(usage(not_loopback(asked.to_string()), use_proxy()));
        }
        let token = |file: &Option<PathBuf>| match file {
            None => Ok(Token::generate()),
            Some(file) => Token::read(file)
                .map_err(|error| usage(crate::record::Speaks::said(&error), file_is_its_owners())),
        };
        let (write, read) = (token(&self.token_file)?, token(&self.read_token_file)?);
        let not_bound = |cause: io::Error| usage(busy(asked.to_string(), cause.to_string()), other_port());
        let listener = TcpListener::bind(asked).await.map_err(not_bound)?;
        let address = listener.local_addr().map_err(not_bound)?;
        let shown = match &self.behind_proxy {
            Some(host) => format!("https://{host}/"),
            None => format!("http://{address}/"),
        };
        for (token, file, line) in [
            (&write, &self.token_file, deciding as fn(String) -> crate::record::Said),
            (&read, &self.read_token_file, reading as fn(String) -> crate::record::Said),
        ] {
            match file {
                None => output::tell_with(&line(shown.clone()).in_language(language), &shown, token.reveal()),
                Some(file) => {
                    output::tell(&line(shown.clone()).in_language(language));
                    output::tell(&token_in(text::path(file)).in_language(language));
                }
            }
        }
        let (desk, dir) = (Arc::new(Desk::default()), dir.to_owned());
        let access = Access::new(address, self.behind_proxy.clone(), read, write);
        let at_desk = Arc::clone(&desk);
        let serving = tokio::spawn(async move { page::serve(listener, &dir, only, at_desk, access).await });
        Ok(Page { desk, serving })
    }
}

impl Page {
    /// Where a run lays its questions down.
    pub(super) fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Stays up behind the end of a run, while a person is at the terminal, until they have seen it.
    pub(super) async fn stay(&self, language: Language) {
        if !io::stdin().is_terminal() || !output::is_watched() {
            if self.desk.viewers() > 0 {
                tokio::time::sleep(LAST).await;
            }
            return;
        }
        output::tell(&stays().in_language(language));
        tokio::select! {
            _ = operator::line() => {}
            () = asked_to_end() => {}
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
