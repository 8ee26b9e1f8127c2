module github.com/postern-go/postern

go 1.26
