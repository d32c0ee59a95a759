"""What a branch changed, by git."""

import subprocess


def changed_files(root):
    """Paths changed since this branch left main, or in the last commit when it is main, with what is not committed yet.

    None when git cannot say: no checkout, or a history that does not reach so far back.
    """
    base = _base(root)
    if base is None:
        return None
    committed = _git(root, "diff", "--name-only", "-z", base)
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    if committed is None or untracked is None:
        return None
    return {name for name in (committed + untracked).split("\0") if name}


def _base(root):
    head = (_git(root, "rev-parse", "HEAD") or "").strip()
    for name in ("origin/main", "main"):
        base = (_git(root, "merge-base", "HEAD", name) or "").strip()
        if base and base != head:
            return base
    return (_git(root, "rev-parse", "--verify", "--quiet", "HEAD~1") or "").strip() or None


def _git(root, *arguments):
    try:
        return subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
