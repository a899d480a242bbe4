#!/bin/sh
# 备份到 $1 并核对记录；SQLite 用程序自己的备份，PostgreSQL 用 pg_dump。口令从 DATABASE_URL 取，不上命令行。
set -eu
umask 077
cd "$(dirname "$0")/../.."
FLASK=".venv/bin/flask --app app"
KEEP=${KEEP_DAYS:-400}
case "$KEEP" in *[!0-9]*) echo "KEEP_DAYS 须为天数"; exit 2 ;; esac
[ "$KEEP" -ge 184 ] || { echo "备份至少保存 184 天：KEEP_DAYS 现为 $KEEP"; exit 2; }
NAME="$1/$(date +%Y%m%d-%H%M%S)"
case "$DATABASE_URL" in
sqlite:*)
    $FLASK backup "$NAME.tar.gz"
    ;;
*)
    # 先数据库，后附件：附件只增不改，这样恢复后不会缺。
    eval "$(.venv/bin/python - <<'END'
import os, shlex
from sqlalchemy import make_url
url = make_url(os.environ["DATABASE_URL"].replace("postgres://", "postgresql://"))
said = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password,
        "PGDATABASE": url.database}
print("\n".join(f"export {name}={shlex.quote(str(value))}" for name, value in said.items() if value))
END
)"
    pg_dump -Fc --no-owner -f "$NAME.dump.part"
    mv "$NAME.dump.part" "$NAME.dump"
    tar -C "$DATA_DIR" --exclude="attachments/.*" -czf "$NAME.attachments.tar.gz.part" attachments
    mv "$NAME.attachments.tar.gz.part" "$NAME.attachments.tar.gz"
    $FLASK backup --done
    ;;
esac
$FLASK audit verify
find "$1" -maxdepth 1 -type f -name '2*-*' -mtime "+$KEEP" -delete
