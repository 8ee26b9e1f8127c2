module github.com/postern-go/postern/e2e

go 1.26
