"""`pasar init`, `enroll`, `run`, `sync`, `status`: a stall from nothing to open. Refuses to know pages."""

from __future__ import annotations

import json

import click

from pasar.cli import options


@click.command()
@options.data
def init(data: str | None) -> None:
    """Siapkan folder data gerai (aman diulang).

    \b
    Contoh:  pasar init --data /srv/pasar
    Kode keluar: 0 siap, 1 folder tidak dapat dipakai.
    """
    from offline_db import open_stall

    config = options.config_of(data=data)
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open_stall(config.data / options.DATABASE):
        pass
    click.echo(f"Siap: {config.data}\nBerikutnya: minta kode ke MPP, lalu  pasar enroll KODE --hq-url ALAMAT")


@click.command()
@click.argument("code", metavar="CODE")
@options.hq_url
@options.data
def enroll(code: str, hq_url: str | None, data: str | None) -> None:
    """Daftarkan mesin ini ke MPP dengan kode sekali pakai (ABCD-EFGH-JKMN-PQRS).

    Sesudahnya bacakan sidik kunci yang tampil lewat telepon; MPP harus melihat sidik yang sama. Kode yang sama boleh
    diulang dari mesin yang sama bila sambungan putus.

    \b
    Contoh:  pasar enroll ABCD-EFGH-JKMN-PQRS --hq-url https://mpp.contoh.go.id
    Kode keluar: 0 terdaftar, 1 ditolak atau tidak tersambung.
    """
    from pasar.enrolment import enrol_here

    config = options.config_of(hq_url=hq_url)
    if not config.hq_url:
        raise click.UsageError("Alamat MPP belum ada: tambahkan --hq-url atau isi PASAR_HQ_URL.")
    with options.opened(data):
        grant, mark = enrol_here(config.hq_url, code)
    click.echo(f"Terdaftar: {grant.stall_name} ({grant.label}), {grant.place}\nSidik kunci: {mark}")
    click.echo("Bandingkan sidik itu dengan MPP, lalu  pasar user add NAMA  dan  pasar run")


@click.command()
@options.data
@options.hq_url
@click.option("--host", help="Alamat tempat mendengar [PASAR_HOST].")
@click.option("--http-port", metavar="PORT", help="Nomor http, untuk mesin ini [PASAR_HTTP_PORT].")
@click.option("--https-port", metavar="PORT", help="Nomor https, untuk HP; 0 mematikannya [PASAR_HTTPS_PORT].")
def run(**given: str | None) -> None:
    """Buka gerai: halaman loket, halaman warga, dan pengiriman berkala. Ctrl-C menutupnya dengan rapi.

    \b
    Contoh:  pasar run --http-port 8080
    Kode keluar: 0 ditutup dengan rapi, 1 tidak dapat dibuka.
    """
    from pasar.serving import serve

    config = options.config_of(**given)
    options.database_of(config)
    serve(config, click.echo)


@click.command()
@options.data
@options.hq_url
@click.option("--beyond-kuota", is_flag=True, help="Kirim juga bila jatah data (PASAR_KUOTA) sudah habis.")
def sync(data: str | None, hq_url: str | None, beyond_kuota: bool) -> None:
    """Kirim semua yang menunggu ke MPP dan ambil kabarnya, sekarang.

    \b
    Contoh:  pasar sync || test $? -eq 2
    Kode keluar: 0 semua dikonfirmasi MPP
                 2 belum; coba lagi nanti (timer cukup mengulang)
                 3 perlu orang; alasannya satu kalimat
    """
    from pasar.sync_now import sync_now

    with options.opened(data):
        code, sentence = sync_now(options.config_of(data=data, hq_url=hq_url), beyond_kuota)
    click.echo(sentence)
    raise click.exceptions.Exit(code)


@click.command()
@options.data
@options.as_json
def status(data: str | None, as_json: bool) -> None:
    """Tiga angka jujur: diterima di sini, terkirim, dikonfirmasi MPP; umur yang tertua; keberhasilan terakhir.

    \b
    Contoh:  pasar status --json
    Kode keluar: 0.
    """
    from pasar.sync_now import standing

    with options.opened(data) as config:
        facts = standing(config)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        click.echo(f"{name:<16}{'-' if value is None else value}")
