"""`mpp keys`: headquarters' keys changed and retired at the terminal. Refuses to know how a stall learns of it."""

from contextlib import closing

import click

from mpp.cli.options import configured
from mpp.config import Config
from mpp.db.trust import announce, check_held
from mpp.keys import KeyRing, load_keys, load_wrapped, save_keys, unwrapped, wrapped
from mpp.office import Office, open_office, utc_now
from sync.keys import fingerprint

PHRASE = "Kalimat pemulihan (dua belas kata)"


@click.group()
def keys() -> None:
    """Kunci MPP: lihat, ganti, pensiunkan."""


@keys.command("list")
@configured()
def listed(config: Config) -> None:
    """Sebutkan kunci MPP, yang terbaru dahulu; tidak ada yang rahasia di sini."""
    ring = load_keys(config.data)
    for key in (ring.signing, *ring.former):
        state = "dipakai" if key is ring.signing else "pensiun" if key.id in ring.retired else "lama, masih berlaku"
        click.echo(f"tanda tangan  {key.id}  {state}")
    for place, box in enumerate(ring.sealing):
        click.echo(f"segel         {box.id}  {'lama, tetap membuka' if place else 'dipakai'}")
    if not ring.announced:
        click.echo("Penggantian terakhir belum sampai ke semua gerai: jalankan lagi mpp keys rotate.")


@keys.command("rotate")
@configured()
@click.option("--sign", is_flag=True, help="hanya kunci tanda tangan")
@click.option("--seal", is_flag=True, help="hanya kunci segel")
@click.option("--lost", is_flag=True, help="kunci terbaru hilang selamanya; gerai yang memakainya didaftarkan lagi")
def rotate(config: Config, sign: bool, seal: bool, lost: bool) -> None:
    """Ganti kunci MPP; kunci lama menjamin yang baru, dan gerai menerimanya sendiri dengan kiriman berikutnya.

    Tanpa pilihan, kunci tanda tangan dan kunci segel diganti keduanya. Kunci lama tetap berlaku sampai dipensiunkan
    (mpp keys retire), dan tetap membuka yang disegel dengannya. Kalimat pemulihan ditanyakan (atau dibaca dari
    masukan) dan tidak berubah. Bila terputus, jalankan lagi: penggantian yang sama diteruskan.

    \b
    Contoh:  mpp keys rotate && mpp backup /media/usb/mpp.cadangan
    """
    both = not sign and not seal
    with closing(open_office(config)) as office:
        ring, phrase = _asked(office, lost)
        if ring.announced:
            ring = ring.rotated(signing=sign or both, sealing=seal or both)
        else:
            click.echo("Meneruskan penggantian kunci yang terputus.")
        told = _spread(office, ring, phrase)
    click.echo(f"Kunci dipakai: {ring.signing.id}. Ditulis ke catatan {told} gerai.")
    click.echo(f"Sidik MPP sekarang: {fingerprint(ring.signing.public, ring.sealing[0].public)}")
    click.echo("Buat cadangan baru sekarang: cadangan lama tidak memuat kunci ini.  mpp backup FILE")


@keys.command("retire")
@configured()
@click.argument("key_id", metavar="KUNCI")
def retire(config: Config, key_id: str) -> None:
    """Pensiunkan kunci tanda tangan lama KUNCI: gerai yang membaca ini tidak menerimanya lagi.

    Pakai sesudah semua gerai terdengar sejak penggantian, atau segera bila kunci lama bocor. Gerai yang lama pergi
    tetap dapat menyusul. Yang ditandatangani sebelum ini tetap berlaku.
    """
    with closing(open_office(config)) as office:
        ring, phrase = _asked(office, False)
        told = _spread(office, ring.retiring(key_id), phrase)
    click.echo(f"Kunci {key_id} dipensiunkan. Ditulis ke catatan {told} gerai. Buat cadangan baru:  mpp backup FILE")


def _asked(office: Office, lost: bool) -> tuple[KeyRing, str]:
    """The phrase opens what is wrapped now, so it is the one on paper. Raises Refused phrase_wrong, hq_key_lost."""
    with office.database.reading() as session:
        if not lost:
            check_held(session, office.keys)
    phrase = click.prompt(PHRASE)
    unwrapped(load_wrapped(office.config.data), phrase)
    return office.keys, phrase


def _spread(office: Office, ring: KeyRing, phrase: str) -> int:
    """Keys first, log second: cut off in between, stalls are answered with the key they know, as before."""
    folder = office.config.data
    save_keys(folder, ring, wrapped(ring, phrase))
    told = office.database.change(lambda session: announce(session, ring, utc_now()))
    done = ring.told()
    save_keys(folder, done, wrapped(done, phrase))
    return told
