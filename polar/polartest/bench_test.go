package polartest

import "testing"

// BenchmarkNew is a server that starts, and BenchmarkNewAndClose one that ends, too.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		s, err := start(b, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkNewAndClose(b *testing.B) {
	for b.Loop() {
		s, err := start(b, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.close(); err != nil {
			b.Fatal(err)
		}
	}
}
